using System.Globalization;
using System.Runtime.InteropServices;
using Graph.Execution;
using static Graph.Training.CheckpointTensors;

namespace Graph.Training;

/// <summary>
/// Checkpoints: one safetensors file with everything a run needs to go on bit for bit.
/// </summary>
/// <remarks>
/// Tensors: parameters and initial state rows by their reference names; <c>inner.puzzle_emb.weights</c>; <c>adam.m.*</c> and
/// <c>adam.v.*</c>; <c>ema.*</c>; <c>carry.*</c> of all slots (states by node name, steps, halted, inputs, labels, puzzle_identifiers);
/// <c>puzzle_identifiers</c> (names of the table's rows, one a line).
/// Metadata: format, model, size, step, optimizer, optimizer_step, hyper_parameters, sampler, configuration, validation, versions, and a
/// CRC-32C of the whole file. Random numbers need no state but seed and step (<see cref="CounterRandom"/>).
/// A file of parameters alone, as PyTorch writes them, loads with <see cref="LoadWeights"/> or <see cref="WarmStart"/>.
/// </remarks>
public static class Checkpoint
{
    internal const string ValidationField = "validation";

    private const string Format = "graph-2";

    /// <summary>Writes a run's complete state; a file of that name is replaced only when the new one is complete and on disk.</summary>
    /// <param name="trainer">The run; must hold its raw weights.</param>
    /// <param name="path">Target file.</param>
    /// <param name="state">What the program keeps; null: nothing.</param>
    /// <exception cref="GraphException">The file cannot be written, or a puzzle identifier has more than one line.</exception>
    public static void Save(Trainer trainer, string path, RunState? state = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        RefuseAveraged(trainer);
        state ??= new RunState();
        RecursiveModel model = trainer.Model;
        var writer = new SafetensorsWriter { Checksum = true };
        writer.Metadata["format"] = Format;
        writer.Metadata["model"] = model.Name;
        writer.Metadata["size"] = model.Size;
        writer.Metadata["step"] = trainer.StepCount.ToString(CultureInfo.InvariantCulture);
        writer.Metadata["optimizer"] = trainer.Optimizer.Name;
        writer.Metadata["optimizer_step"] = trainer.Optimizer.StepCount.ToString(CultureInfo.InvariantCulture);
        writer.Metadata["hyper_parameters"] = HyperParameters.ToJson(trainer.Options, trainer.Carry.Batch);
        writer.Metadata["sampler"] = state.Sampler;
        writer.Metadata["configuration"] = state.Configuration;
        if (state.Validation is { } validation)
        {
            writer.Metadata[ValidationField] = validation.ToString("R", CultureInfo.InvariantCulture);
        }

        foreach ((string name, string value) in Versions(model))
        {
            writer.Metadata[name] = value;
        }

        AddParameters(writer, model, "", () => model.Weights);
        AddRows(writer, model);
        AddPuzzles(writer, trainer.Puzzles);
        AddParameters(writer, model, FirstMoment, () => trainer.Optimizer.FirstMoment);
        AddParameters(writer, model, SecondMoment, () => trainer.Optimizer.SecondMoment);
        if (trainer.Ema is { } ema)
        {
            AddParameters(writer, model, Average, () => ema.Shadow);
        }

        AddCarry(writer, trainer);
        AddIdentifiers(writer, state.Identifiers);
        writer.Save(path);
    }

    /// <summary>Puts a saved run into a trainer of the same model, size, number of slots and optimiser.</summary>
    /// <exception cref="GraphException">The file is damaged or does not fit; all differences are listed and nothing is changed.</exception>
    public static ResumedRun Resume(Trainer trainer, string path)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        using var file = SafetensorsFile.Open(path);
        Expect(file, "format", Format, "A file of weights alone can start a new run.");
        file.VerifyChecksum();
        return Resume(trainer, file);
    }

    /// <summary>As the public form, from a file whose checksum was verified.</summary>
    internal static ResumedRun Resume(Trainer trainer, SafetensorsFile file)
    {
        RefuseAveraged(trainer);
        RecursiveModel model = trainer.Model;
        Expect(file, "format", Format);
        Expect(file, "model", model.Name);
        Expect(file, "size", model.Size);
        Expect(file, "optimizer", trainer.Optimizer.Name);
        long step = Counter(file, "step", trainer.Options.TotalSteps);
        long optimizerStep = Counter(file, "optimizer_step", step);
        var notices = HyperParameters.Differences(file.Path, file.Metadata.GetValueOrDefault("hyper_parameters", ""), HyperParameters.ToJson(trainer.Options, trainer.Carry.Batch)).ToList();
        notices.AddRange(Versions(model)
            .Where(now => file.Metadata.GetValueOrDefault(now.Name) != now.Value)
            .Select(now => $"The {now.Name} version is {now.Value}; it was {file.Metadata.GetValueOrDefault(now.Name, "not set")} when {file.Path} was written, so that bits may differ from now on."));

        var load = new TensorLoad(file);
        ExpectParameters(load, file, model, "", () => model.Weights);
        ExpectRows(load, file, model);
        ExpectPuzzles(load, file, trainer.Puzzles);
        ExpectParameters(load, file, model, FirstMoment, () => trainer.Optimizer.FirstMoment);
        ExpectParameters(load, file, model, SecondMoment, () => trainer.Optimizer.SecondMoment);
        if (trainer.Ema is { } ema)
        {
            ExpectParameters(load, file, model, Average, () => ema.Shadow);
        }
        else
        {
            load.Ignore(Average);
        }

        ExpectCarry(load, file, trainer);
        load.Ignore(Identifiers);
        load.Run();
        trainer.StepCount = step;
        trainer.Optimizer.StepCount = optimizerStep;
        model.WeightsChanged();
        return new ResumedRun(file.Path, step, ReadState(file), notices);
    }

    /// <summary>
    /// Loads weights, initial state rows and puzzle table from a checkpoint of ours or from a file with PyTorch names (prefixes
    /// <c>_orig_mod.</c>, <c>module.</c> and <c>model.</c> are skipped). Call it before a trainer is made.
    /// </summary>
    /// <param name="model">Takes the weights.</param>
    /// <param name="puzzles">Takes the puzzle table; null: the file's table is ignored.</param>
    /// <param name="path">The file.</param>
    /// <param name="averaged">True: the averaged weights where the file has them.</param>
    /// <param name="resize">What becomes of a table with another number of rows.</param>
    /// <param name="seed">Of the rows that <see cref="PuzzleResize.Normal"/> draws.</param>
    /// <exception cref="GraphException">The file is damaged or does not fit; all differences are listed and nothing is changed.</exception>
    public static void LoadWeights(RecursiveModel model, SparseTable? puzzles, string path, bool averaged = true, PuzzleResize resize = PuzzleResize.Refuse, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.ContainsKey(ChecksumField.Name))
        {
            file.VerifyChecksum();
        }

        var load = new TensorLoad(file);
        bool hasAverage = model.Parameters.Count > 0 && load.Has(Average + model.Parameters[0].Name);
        if (averaged && hasAverage)
        {
            ExpectParameters(load, file, model, Average, () => model.Weights);
            foreach (Parameter parameter in model.Parameters)
            {
                load.Ignore(parameter.Name);
            }
        }
        else
        {
            ExpectParameters(load, file, model, "", () => model.Weights);
        }

        ExpectRows(load, file, model);
        ExpectPuzzles(load, file, puzzles, resize, seed);
        load.Ignore(PuzzleTable, Average, "adam.", Carried, Identifiers);
        load.Run();
        model.WeightsChanged();
    }

    /// <summary>Starts a new run from stored weights: model, puzzle table and weight average take them; moments and counters stay at zero.</summary>
    /// <param name="trainer">A run that has taken no step.</param>
    /// <param name="path">As for <see cref="LoadWeights"/>.</param>
    /// <param name="averaged">True: the averaged weights where the file has them.</param>
    /// <param name="resize">What becomes of a table with another number of rows.</param>
    /// <exception cref="GraphException">The file is damaged or does not fit; all differences are listed and nothing is changed.</exception>
    public static void WarmStart(Trainer trainer, string path, bool averaged = true, PuzzleResize resize = PuzzleResize.Mean)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        RefuseAveraged(trainer);
        if (trainer.StepCount > 0)
        {
            throw new InvalidOperationException($"The run has taken {trainer.StepCount} steps; a warm start comes before the first.");
        }

        LoadWeights(trainer.Model, trainer.Puzzles, path, averaged, resize, trainer.Options.Seed);
        if (trainer.Ema is { } ema)
        {
            trainer.Model.Weights.CopyTo(ema.Shadow);
        }
    }

    private static RunState ReadState(SafetensorsFile file) => new()
    {
        Sampler = file.Metadata.GetValueOrDefault("sampler", ""),
        Configuration = file.Metadata.GetValueOrDefault("configuration", ""),
        Identifiers = ReadIdentifiers(file),
        Validation = Validation(file),
    };

    /// <summary>The validation value that a checkpoint was saved with.</summary>
    internal static double? Validation(SafetensorsFile file) =>
        double.TryParse(file.Metadata.GetValueOrDefault(ValidationField), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    /// <summary>What the same bits depend on besides the file; the number of threads is not among it.</summary>
    private static IEnumerable<(string Name, string Value)> Versions(RecursiveModel model)
    {
        yield return ("graph", typeof(Checkpoint).Assembly.GetName().Version?.ToString() ?? "unknown");
        yield return ("dotnet", RuntimeInformation.FrameworkDescription);
        yield return ("lanes", (((model as CompiledProgram)?.Executor as CpuExecutor)?.Lanes ?? CpuExecutor.WidestLanes).ToString(CultureInfo.InvariantCulture));
    }

    private static void RefuseAveraged(Trainer trainer)
    {
        if (trainer.Averaged)
        {
            throw new InvalidOperationException("The model holds averaged weights.");
        }
    }

    private static void Expect(SafetensorsFile file, string field, string expected, string hint = "")
    {
        string found = file.Metadata.GetValueOrDefault(field, "none");
        if (found != expected)
        {
            throw new GraphException($"{file.Path} cannot be resumed: its {field} is '{found}', expected '{expected}'.{(hint.Length == 0 ? "" : " " + hint)}");
        }
    }

    private static long Counter(SafetensorsFile file, string field, long most) =>
        long.TryParse(file.Metadata.GetValueOrDefault(field), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
            ? value
            : throw new GraphException($"{file.Path} cannot be resumed: its metadata field '{field}' is '{file.Metadata.GetValueOrDefault(field, "")}'; expected a whole number up to {most}.");
}
