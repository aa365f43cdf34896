using System.CommandLine;
using Graph.Execution.Ilgpu;

namespace Graph.Samples.Commands;

/// <summary><c>solve</c>: prints a checkpoint's answer to one puzzle.</summary>
internal static class SolveCommand
{
    public static Command Of(PuzzleKind kind, Terminal terminal)
    {
        var file = new Argument<string?>("FILE") { Description = $"{kind.PuzzleFormat}; default: standard input.", Arity = ArgumentArity.ZeroOrOne };
        var checkpoint = Flags.Text("--checkpoint", "Checkpoint file, or a run's folder for its best.");
        var model = ModelFlags.Model();
        var size = ModelFlags.Size();
        var steps = Flags.Number("--eval-steps", "Supervision steps, at most.", 16, 1, 100_000);
        var threshold = Flags.OptionalNumber("--halt-threshold", "Ends early where the halting logit is above this (0: as in training); default: never.", -1e30, 1e30);
        var threads = Flags.Number("--threads", "CPU threads; 0: one per core.", 0, 0, 1024);
        var device = new Option<string>("--device") { Description = Devices.Help + ".", DefaultValueFactory = _ => "cpu" };
        var command = new Command("solve", "Prints the answer to one puzzle.") { file, checkpoint, model, size, steps, threshold, threads, device };
        command.SetAction(parsed =>
        {
            var path = RunFolder.Checkpoint(parsed.GetRequiredValue(checkpoint), "--checkpoint", best: true);
            var source = parsed.GetValue(file);
            if (source is not null && !File.Exists(source))
            {
                throw new GraphException($"{source}: there is no such file.");
            }

            var text = source is null ? terminal.In.ReadToEnd() : File.ReadAllText(source);
            using var opened = new OpenedDevice(parsed.GetRequiredValue(device), parsed.GetValue(threads));
            using var loaded = LoadedModel.Open(path, parsed.GetValue(model), parsed.GetValue(size), batch: 1, opened.Device, parsed.GetValue(threads));
            kind.Solve(text, source ?? "standard input", new Solver(loaded, parsed.GetValue(steps), parsed.GetValue(threshold) ?? double.PositiveInfinity), terminal);
            return 0;
        });
        return command;
    }
}
