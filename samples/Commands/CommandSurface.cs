using System.CommandLine;
using System.CommandLine.Help;

namespace Graph.Samples.Commands;

/// <summary>The verbs <c>build</c>, <c>train</c>, <c>evaluate</c> and <c>solve</c> of one benchmark.</summary>
internal static class CommandSurface
{
    /// <summary>What a user's mistake ends with.</summary>
    public const int BadInput = 2;

    public static bool IsVerb(string word) => word is "build" or "train" or "evaluate" or "solve";

    /// <returns>0, or <see cref="BadInput"/> after one sentence on what is wrong.</returns>
    public static int Invoke(string[] args, PuzzleKind kind, Terminal terminal)
    {
        var root = new RootCommand($"Builds data sets of {kind.Name}, trains on them, evaluates and solves.")
        {
            kind.BuildCommand(terminal), TrainCommand.Of(kind, terminal), EvaluateCommand.Of(kind, terminal), SolveCommand.Of(kind, terminal),
        };
        try
        {
            var parsed = root.Parse(args);
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
            {
                if (parsed.CommandResult.Command == root)
                {
                    throw new GraphException($"expected build, train, evaluate or solve{(args.Length == 0 ? "" : $", found '{args[0]}'")}; --help says more.");
                }

                throw new GraphException(parsed.Errors[0].Message);
            }

            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Out, Error = terminal.Error });
        }
        catch (Exception e) when (e is GraphException or IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine($"error: {e.Message}");
            return BadInput;
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            // What memory could hold but no array can shows as an overflow.
            terminal.Error.WriteLine("error: there are too many values for this machine: take a smaller --batch or --size.");
            return BadInput;
        }
    }
}
