namespace Graph.Samples.Commands;

/// <summary>How a token is drawn.</summary>
/// <param name="Fill">Colour of the cell, as in SVG.</param>
/// <param name="Text">At most one character in it; empty: none.</param>
internal readonly record struct CellLook(string Fill, string Text = "");
