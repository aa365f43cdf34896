using Graph.Samples.Arc;
using Graph.Samples.Commands;

return CommandSurface.Invoke(args, new ArcKind(), Terminal.OfConsole);
