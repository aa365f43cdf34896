using System.CommandLine;
using Graph.Models.Puzzles;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary><c>train</c>: puts the layers of settings together, says what the run needs, and runs it.</summary>
internal static class TrainCommand
{
    public static Command Of(PuzzleKind kind, Terminal terminal)
    {
        var settings = SettingTable.All.ToDictionary(setting => setting, setting => Option(setting, kind));
        var config = Flags.OptionalText("--config", "JSON file of settings, by their names with _ for -; flags go before it.");
        var folder = Flags.OptionalText("--out", "Folder of the run; default: runs/<benchmark>-<model>-<size>-<seed>.");
        var resume = Flags.OptionalText("--resume", "Folder of a run, or one checkpoint file, to go on from with its settings.");
        var init = Flags.OptionalText("--init", "File of weights that a new run starts from.");
        var stop = Flags.Number("--stop-after", "Step after which the run pauses, to be resumed; 0: none.", 0L, 0L, 1L << 40);
        var dry = new Option<bool>("--dry-run") { Description = "Only say parameters, steps, FLOPs, time and peak memory." };
        var command = new Command("train", $"Trains a model on a data set of {kind.Name}. A resumed run is bit for bit the run that never stopped.") { config, folder, resume, init, stop, dry };
        foreach (var option in settings.Values)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var given = settings.Where(entry => parsed.GetValue(entry.Value) is not null).Select(entry => (entry.Key, parsed.GetValue(entry.Value)!, entry.Key.Flag)).ToArray();
            var (from, start) = (parsed.GetValue(resume), parsed.GetValue(init));
            if (from is not null && start is not null)
            {
                throw new GraphException("--resume and --init are both given; expected one of them.");
            }

            var checkpoint = from is null ? null : RunFolder.Checkpoint(from, "--resume", best: false);
            var layers = Layers(kind, checkpoint, parsed.GetValue(config), given);
            return Run(kind, terminal, layers, settings => new TrainRequest(
                settings,
                parsed.GetValue(folder) ?? (checkpoint is null ? null : RunFolder.RunOf(checkpoint)) ?? Path.Combine("runs", $"{kind.Id}-{settings.Model}-{settings.Size}-{settings.Seed}"),
                checkpoint,
                from is not null && Directory.Exists(from) ? RunFolder.Store(from) : null,
                start,
                parsed.GetValue(stop) is > 0 and var last ? last : long.MaxValue,
                parsed.GetValue(dry)));
        });
        return command;
    }

    private static Option<string?> Option(Setting setting, PuzzleKind kind) => new(setting.Flag)
    {
        Description = $"{setting.Description}{(kind.Defaults.GetValueOrDefault(setting.Name, setting.Default) is { Length: > 0 } value ? $" [default: {value}]" : "")}",
        HelpName = setting.Choices is null ? setting.Kind.ToString().ToUpperInvariant() : string.Join('|', setting.Choices.Where(choice => choice.Length > 0)),
    };

    private static TrainSettings Layers(PuzzleKind kind, string? checkpoint, string? config, IEnumerable<(Setting Setting, string Text, string Source)> flags)
    {
        var settings = new TrainSettings(kind);
        if (checkpoint is not null)
        {
            using var file = SafetensorsFile.Open(checkpoint);
            settings.PutJson($"{checkpoint}: configuration", file.Metadata.GetValueOrDefault("configuration", ""));
        }

        if (config is not null)
        {
            if (!File.Exists(config))
            {
                throw new GraphException($"--config {config}: there is no such file.");
            }

            settings.PutJson(config, File.ReadAllText(config));
        }

        settings.Put(flags, "command line");
        return settings;
    }

    private static int Run(PuzzleKind kind, Terminal terminal, TrainSettings settings, Func<TrainSettings, TrainRequest> request)
    {
        if (settings.Data.Length == 0)
        {
            throw new GraphException("--data is missing; expected the folder that build wrote.");
        }

        var data = PuzzleDataSet.Open("train", settings.Data);
        try
        {
            if (settings.Size.Length == 0)
            {
                settings.SetSize(kind.SizeFor(data.Metadata));
            }

            var run = request(settings);
            settings.RequireBatch(data.Metadata.SeqLen);
            using var device = new OpenedDevice(settings.DeviceId, settings.Threads);
            var plan = new Plan(settings.Model, settings.Size, settings.Batch, device.Device);
            plan.RequireData(settings.Model, settings.Size, data.Metadata.SeqLen, data.Metadata.VocabSize);
            var memory = MemoryNeed.OfTraining(plan, settings, device.Device, data.Metadata.NumPuzzleIdentifiers);
            if (run.DryRun)
            {
                DryRun.Print(settings, plan, memory, data.Metadata, device.Device, terminal.Out);
            }

            memory.Require(device.Device.Id, settings.Batch);
            if (run.DryRun)
            {
                return 0;
            }

            if (run.Resume is null && RunFolder.IsTaken(run.Out))
            {
                throw new GraphException($"--out {run.Out}: the folder holds checkpoints of another run; go on with --resume, or name another folder.");
            }

            using var training = new TrainRun(run, data, device.Device, terminal.Out);
            training.Go();
            return 0;
        }
        finally
        {
            data.Dispose();
        }
    }
}
