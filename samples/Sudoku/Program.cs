using Graph;
using Graph.Samples.Commands;
using Graph.Samples.Sudoku;

// 0: the run went through (a missed target is reported, not an error); 2: bad input.
if (args is [var verb, ..] && CommandSurface.IsVerb(verb))
{
    return CommandSurface.Invoke(args, new SudokuKind(), Terminal.OfConsole);
}

try
{
    return CommandLine.Invoke(args, Run.Start);
}
catch (GraphException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
