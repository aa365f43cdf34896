namespace Graph.Samples.Sudoku;

/// <summary>Shares of right cells, right blank cells, wholly right puzzles and legal grids, and the prediction for the first puzzle.</summary>
internal sealed record Score(double Cells, double Blanks, double Exact, double Legal, byte[] First);
