using System.Globalization;
using Graph.Execution;

namespace Graph.Training;

/// <summary>
/// Checkpoints: one safetensors file with everything a run needs to go on bit for bit.
/// </summary>
/// <remarks>
/// Tensors: parameters and initial state rows by their reference names; <c>inner.puzzle_emb.weights</c>; <c>adam.m.*</c> and
/// <c>adam.v.*</c>; <c>ema.*</c>; <c>carry.*</c> (states by node name, steps, halted, inputs, labels, puzzle_identifiers).
/// Metadata: format, model, size, step, optimizer, seed. Random numbers need no state (<see cref="CounterRandom"/>).
/// A file of parameters alone, as PyTorch writes them, loads with <see cref="LoadWeights"/>.
/// </remarks>
public static class Checkpoint
{
    private const string Format = "graph-1";
    private const string PuzzleName = "inner.puzzle_emb.weights";

    /// <summary>Writes a run's complete state; a file of that name is replaced only when the new one is complete.</summary>
    /// <param name="trainer">The run; must hold its raw weights.</param>
    /// <param name="path">Target file.</param>
    /// <param name="metadata">Further entries for the file's metadata.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static void Save(Trainer trainer, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (trainer.Averaged)
        {
            throw new InvalidOperationException("The model holds averaged weights.");
        }

        RecursiveModel model = trainer.Model;
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata["format"] = Format;
        writer.Metadata["model"] = model.Name;
        writer.Metadata["size"] = model.Size;
        writer.Metadata["step"] = trainer.StepCount.ToString(CultureInfo.InvariantCulture);
        writer.Metadata["optimizer"] = trainer.Optimizer.Name;
        writer.Metadata["seed"] = trainer.Options.Seed.ToString(CultureInfo.InvariantCulture);

        AddParameters(writer, model, "", () => model.Weights);
        foreach (StatePort state in model.States)
        {
            writer.Add(state.InitName, [state.InitRow.Length], (ReadOnlyMemory<float>)state.InitRow);
        }

        if (trainer.Puzzles is { } puzzles)
        {
            writer.Add(PuzzleName, [puzzles.Count, puzzles.Width], (long offset, Span<float> piece) => puzzles.Rows.Slice((int)offset, piece.Length).CopyTo(piece));
        }

        AddParameters(writer, model, "adam.m.", () => trainer.Optimizer.FirstMoment);
        AddParameters(writer, model, "adam.v.", () => trainer.Optimizer.SecondMoment);
        if (trainer.Ema is { } ema)
        {
            AddParameters(writer, model, "ema.", () => ema.Shadow);
        }

        AddCarry(writer, trainer);
        writer.Save(path);
    }

    /// <summary>Puts a saved run into a trainer of the same model, size, batch and optimiser.</summary>
    /// <exception cref="GraphException">The file is malformed or does not fit; all differences are listed and nothing is changed.</exception>
    public static void Resume(Trainer trainer, string path)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (trainer.Averaged)
        {
            throw new InvalidOperationException("The model holds averaged weights.");
        }

        RecursiveModel model = trainer.Model;
        using var file = SafetensorsFile.Open(path);
        string format = file.Metadata.GetValueOrDefault("format", "none");
        if (format != Format)
        {
            throw new GraphException($"{path} cannot be resumed: its format is '{format}', expected '{Format}'. A file of weights alone can start a new run.");
        }

        string optimizer = file.Metadata.GetValueOrDefault("optimizer", "none");
        if (optimizer != trainer.Optimizer.Name)
        {
            throw new GraphException($"{path} cannot be resumed: it was trained with optimizer '{optimizer}', expected '{trainer.Optimizer.Name}'.");
        }

        if (!long.TryParse(file.Metadata.GetValueOrDefault("step"), NumberStyles.None, CultureInfo.InvariantCulture, out long step) || step > TrainerOptions.MaxSteps)
        {
            throw new GraphException($"{path} cannot be resumed: its metadata field 'step' is not a whole number up to {TrainerOptions.MaxSteps}.");
        }

        var load = new TensorLoad(file);
        ExpectParameters(load, file, model, "", () => model.Weights);
        ExpectRows(load, file, model);
        ExpectPuzzles(load, file, trainer.Puzzles);
        ExpectParameters(load, file, model, "adam.m.", () => trainer.Optimizer.FirstMoment);
        ExpectParameters(load, file, model, "adam.v.", () => trainer.Optimizer.SecondMoment);
        if (trainer.Ema is { } ema)
        {
            ExpectParameters(load, file, model, "ema.", () => ema.Shadow);
        }
        else
        {
            load.Ignore("ema.");
        }

        ExpectCarry(load, file, trainer);
        load.Run();
        trainer.StepCount = step;
        trainer.Optimizer.StepCount = step;
        model.WeightsChanged();
    }

    /// <summary>
    /// Loads weights, initial state rows and puzzle table from a checkpoint of ours or from a file with PyTorch names (prefixes
    /// <c>_orig_mod.</c> and <c>module.</c> are skipped). Call it before a trainer is made.
    /// </summary>
    /// <param name="model">Takes the weights.</param>
    /// <param name="puzzles">Takes the puzzle table; null: the file's table is ignored.</param>
    /// <param name="path">The file.</param>
    /// <param name="averaged">True: the averaged weights where the file has them.</param>
    /// <exception cref="GraphException">The file is malformed or does not fit; all differences are listed and nothing is changed.</exception>
    public static void LoadWeights(RecursiveModel model, SparseTable? puzzles, string path, bool averaged = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = SafetensorsFile.Open(path);
        var load = new TensorLoad(file);
        bool hasAverage = model.Parameters.Count > 0 && load.Has("ema." + model.Parameters[0].Name);
        if (averaged && hasAverage)
        {
            ExpectParameters(load, file, model, "ema.", () => model.Weights);
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
        if (puzzles is not null)
        {
            ExpectPuzzles(load, file, puzzles);
        }

        load.Ignore(PuzzleName, "ema.", "adam.", "carry.");
        load.Run();
        model.WeightsChanged();
    }

    // Arenas are reached through functions: a span cannot be captured, and a model may move its arena only between calls.
    private delegate Span<float> Arena();

    private static void AddParameters(SafetensorsWriter writer, RecursiveModel model, string prefix, Arena arena)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            writer.Add(prefix + parameter.Name, Long(parameter.Shape), (long offset, Span<float> piece) =>
                arena().Slice(checked((int)(parameter.Offset + offset)), piece.Length).CopyTo(piece));
        }
    }

    private static void AddCarry(SafetensorsWriter writer, Trainer trainer)
    {
        RecursiveModel model = trainer.Model;
        Carry carry = trainer.Carry;
        foreach (StatePort state in model.States)
        {
            writer.Add("carry." + state.Port.Name, Long(state.Port.Shape), (long offset, Span<float> piece) =>
                model.Floats(state.Port).Slice(checked((int)offset), piece.Length).CopyTo(piece));
        }

        int[] halted = new int[carry.Batch];
        for (int slot = 0; slot < carry.Batch; slot++)
        {
            halted[slot] = carry.Halted[slot] ? 1 : 0;
        }

        writer.Add("carry.steps", [carry.Batch], (ReadOnlyMemory<int>)carry.Steps.ToArray());
        writer.Add("carry.halted", [carry.Batch], (ReadOnlyMemory<int>)halted);
        writer.Add("carry.inputs", [carry.Batch, carry.Cells], (ReadOnlyMemory<int>)carry.Tokens.ToArray());
        writer.Add("carry.labels", [carry.Batch, carry.Cells], (ReadOnlyMemory<int>)carry.Labels.ToArray());
        writer.Add("carry.puzzle_identifiers", [carry.Batch], (ReadOnlyMemory<int>)carry.PuzzleIds.ToArray());
    }

    private static void ExpectParameters(TensorLoad load, SafetensorsFile file, RecursiveModel model, string prefix, Arena arena)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            load.Expect(prefix + parameter.Name, Long(parameter.Shape), integer: false, name =>
                file.Read(name, arena().Slice(checked((int)parameter.Offset), checked((int)parameter.Count))));
        }
    }

    private static void ExpectRows(TensorLoad load, SafetensorsFile file, RecursiveModel model)
    {
        foreach (StatePort state in model.States)
        {
            load.Expect(state.InitName, [state.InitRow.Length], integer: false, name => file.Read(name, state.InitRow.AsSpan()));
        }
    }

    private static void ExpectPuzzles(TensorLoad load, SafetensorsFile file, SparseTable? puzzles)
    {
        if (puzzles is not null)
        {
            load.Expect(PuzzleName, [puzzles.Count, puzzles.Width], integer: false, name => file.Read(name, puzzles.Rows));
        }
    }

    private static void ExpectCarry(TensorLoad load, SafetensorsFile file, Trainer trainer)
    {
        RecursiveModel model = trainer.Model;
        Carry carry = trainer.Carry;
        foreach (StatePort state in model.States)
        {
            load.Expect("carry." + state.Port.Name, Long(state.Port.Shape), integer: false, name => file.Read(name, model.Floats(state.Port)));
        }

        load.Verify("carry.inputs", name => trainer.CheckTokens(file.Ints(name)));
        load.Verify("carry.labels", name => trainer.CheckLabels(file.Ints(name)));
        load.Expect("carry.steps", [carry.Batch], integer: true, name => file.Read(name, carry.Steps));
        load.Expect("carry.halted", [carry.Batch], integer: true, name =>
        {
            int[] halted = file.Ints(name);
            for (int slot = 0; slot < halted.Length; slot++)
            {
                carry.Halted[slot] = halted[slot] != 0;
            }
        });
        load.Expect("carry.inputs", [carry.Batch, carry.Cells], integer: true, name => file.Read(name, carry.Tokens));
        load.Expect("carry.labels", [carry.Batch, carry.Cells], integer: true, name => file.Read(name, carry.Labels));
        load.Expect("carry.puzzle_identifiers", [carry.Batch], integer: true, name => file.Read(name, carry.PuzzleIds));
    }

    private static long[] Long(int[] dims) => Array.ConvertAll(dims, dim => (long)dim);
}
