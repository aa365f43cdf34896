namespace Graph.Samples.Sudoku;

/// <summary>Shares of right cells, right blank cells and wholly right puzzles, and the prediction for the first puzzle.</summary>
internal sealed record Score(double Cells, double Blanks, double Exact, byte[] First);
