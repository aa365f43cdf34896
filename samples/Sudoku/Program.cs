using Graph;
using Graph.Samples.Sudoku;

// 0: the run went through (a missed target is reported, not an error); 2: bad input.
try
{
    return CommandLine.Invoke(args, Run.Start);
}
catch (GraphException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
