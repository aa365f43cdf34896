using System.Text;
using Graph.Execution;

namespace Graph.Training;

/// <summary>Names and shapes of a checkpoint's tensors, for writing and for reading.</summary>
internal static class CheckpointTensors
{
    public const string PuzzleTable = "inner.puzzle_emb.weights";
    public const string Identifiers = "puzzle_identifiers";
    public const string FirstMoment = "adam.m.";
    public const string SecondMoment = "adam.v.";
    public const string Average = "ema.";
    public const string Carried = "carry.";

    // Arenas are reached through functions: a span cannot be captured, and a model may move its arena only between calls.
    public delegate Span<float> Arena();

    public static void AddParameters(SafetensorsWriter writer, RecursiveModel model, string prefix, Arena arena)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            writer.Add(prefix + parameter.Name, Long(parameter.Shape), (long offset, Span<float> piece) =>
                arena().Slice(checked((int)(parameter.Offset + offset)), piece.Length).CopyTo(piece));
        }
    }

    public static void AddRows(SafetensorsWriter writer, RecursiveModel model)
    {
        foreach (StatePort state in model.States)
        {
            writer.Add(state.InitName, [state.InitRow.Length], (ReadOnlyMemory<float>)state.InitRow);
        }
    }

    public static void AddPuzzles(SafetensorsWriter writer, SparseTable? puzzles)
    {
        if (puzzles is not null)
        {
            writer.Add(PuzzleTable, [puzzles.Count, puzzles.Width], (long offset, Span<float> piece) => puzzles.Rows.Slice((int)offset, piece.Length).CopyTo(piece));
        }
    }

    /// <summary>One name a line: a list of a million names is too long for the header.</summary>
    public static void AddIdentifiers(SafetensorsWriter writer, IReadOnlyList<string> identifiers)
    {
        if (identifiers.Count == 0)
        {
            return;
        }

        if (identifiers.FirstOrDefault(name => name.Contains('\n', StringComparison.Ordinal)) is { } bad)
        {
            throw new GraphException($"The puzzle identifier '{bad.ReplaceLineEndings(" ")}' has more than one line; expected one.");
        }

        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', identifiers));
        writer.Add(Identifiers, [text.Length], (ReadOnlyMemory<byte>)text);
    }

    public static void AddCarry(SafetensorsWriter writer, Trainer trainer)
    {
        Carry carry = trainer.Carry;
        for (int i = 0; i < trainer.Model.States.Count; i++)
        {
            int index = i;
            StatePort state = trainer.Model.States[i];
            writer.Add(Carried + state.Port.Name, StateShape(state, carry), (long offset, Span<float> piece) =>
                trainer.StateOf(index).Slice(checked((int)offset), piece.Length).CopyTo(piece));
        }

        int[] halted = new int[carry.Batch];
        for (int slot = 0; slot < carry.Batch; slot++)
        {
            halted[slot] = carry.Halted[slot] ? 1 : 0;
        }

        writer.Add(Carried + "steps", [carry.Batch], (ReadOnlyMemory<int>)carry.Steps.ToArray());
        writer.Add(Carried + "halted", [carry.Batch], (ReadOnlyMemory<int>)halted);
        writer.Add(Carried + "inputs", [carry.Batch, carry.Cells], (ReadOnlyMemory<int>)carry.Tokens.ToArray());
        writer.Add(Carried + "labels", [carry.Batch, carry.Cells], (ReadOnlyMemory<int>)carry.Labels.ToArray());
        writer.Add(Carried + "puzzle_identifiers", [carry.Batch], (ReadOnlyMemory<int>)carry.PuzzleIds.ToArray());
    }

    public static void ExpectParameters(TensorLoad load, SafetensorsFile file, RecursiveModel model, string prefix, Arena arena)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            load.Expect(prefix + parameter.Name, Long(parameter.Shape), integer: false, name =>
                file.Read(name, arena().Slice(checked((int)parameter.Offset), checked((int)parameter.Count))));
        }
    }

    public static void ExpectRows(TensorLoad load, SafetensorsFile file, RecursiveModel model)
    {
        foreach (StatePort state in model.States)
        {
            load.Expect(state.InitName, [state.InitRow.Length], integer: false, name => file.Read(name, state.InitRow.AsSpan()));
        }
    }

    public static void ExpectPuzzles(TensorLoad load, SafetensorsFile file, SparseTable? puzzles, PuzzleResize resize = PuzzleResize.Refuse, ulong seed = 0)
    {
        if (puzzles is null)
        {
            return;
        }

        if (resize != PuzzleResize.Refuse && load.ShapeOf(PuzzleTable) is [var rows, var width] && width == puzzles.Width && rows != puzzles.Count)
        {
            load.Expect(PuzzleTable, [rows, width], integer: false, name => PuzzleTableLoad.Fill(file.Floats(name), puzzles, resize, seed));
            return;
        }

        load.Expect(PuzzleTable, [puzzles.Count, puzzles.Width], integer: false, name => file.Read(name, puzzles.Rows));
    }

    public static void ExpectCarry(TensorLoad load, SafetensorsFile file, Trainer trainer)
    {
        Carry carry = trainer.Carry;
        for (int i = 0; i < trainer.Model.States.Count; i++)
        {
            int index = i;
            StatePort state = trainer.Model.States[i];
            load.Expect(Carried + state.Port.Name, StateShape(state, carry), integer: false, name => file.Read(name, trainer.StateOf(index)));
        }

        load.Verify(Carried + "inputs", name => trainer.CheckTokens(file.Ints(name)));
        load.Verify(Carried + "labels", name => trainer.CheckLabels(file.Ints(name)));
        load.Expect(Carried + "steps", [carry.Batch], integer: true, name => file.Read(name, carry.Steps));
        load.Expect(Carried + "halted", [carry.Batch], integer: true, name =>
        {
            int[] halted = file.Ints(name);
            for (int slot = 0; slot < halted.Length; slot++)
            {
                carry.Halted[slot] = halted[slot] != 0;
            }
        });
        load.Expect(Carried + "inputs", [carry.Batch, carry.Cells], integer: true, name => file.Read(name, carry.Tokens));
        load.Expect(Carried + "labels", [carry.Batch, carry.Cells], integer: true, name => file.Read(name, carry.Labels));
        load.Expect(Carried + "puzzle_identifiers", [carry.Batch], integer: true, name => file.Read(name, carry.PuzzleIds));
    }

    public static string[] ReadIdentifiers(SafetensorsFile file) =>
        file.Tensors.ContainsKey(Identifiers) ? Encoding.UTF8.GetString(file.Bytes(Identifiers)).Split('\n') : [];

    private static long[] StateShape(StatePort state, Carry carry) => [carry.Batch, .. Long(state.Port.Shape[1..])];

    private static long[] Long(int[] dims) => Array.ConvertAll(dims, dim => (long)dim);
}
