namespace Graph.Samples.Commands;

/// <summary>Where a command reads and writes.</summary>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    public static Terminal OfConsole => new(Console.In, Console.Out, Console.Error);
}
