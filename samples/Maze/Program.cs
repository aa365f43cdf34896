using Graph.Samples.Maze;
using Graph.Samples.Commands;

return CommandSurface.Invoke(args, new MazeKind(), Terminal.OfConsole);
