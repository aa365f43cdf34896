namespace Graph.Ptx;

using Graph.Ptx.Binding;

/// <summary>A kernel that was parsed and checked: every opcode is known, every name declared once, every operand of the right type.</summary>
public sealed class PtxKernel
{
    internal PtxKernel(string name)
    {
        Name = name;
    }

    public string Name { get; }

    /// <summary>Offsets and sizes of the parameters in bytes.</summary>
    public IReadOnlyList<(int Offset, int Bytes)> Parameters { get; internal init; } = [];

    public int ParameterBytes => Parameters.Count == 0 ? 0 : Parameters[^1].Offset + Parameters[^1].Bytes;

    /// <summary>Static shared memory of a group.</summary>
    public int SharedBytes { get; internal init; }

    /// <summary>Local memory of a thread: what registers do not hold.</summary>
    public int LocalBytes { get; internal init; }

    /// <summary>The largest group; 0 if the text does not limit it.</summary>
    public int MaxThreads { get; internal init; }

    /// <summary>How often each opcode, with its modifiers, stands in the text.</summary>
    public IReadOnlyDictionary<string, int> OpcodeCounts { get; internal init; } = new Dictionary<string, int>();

    internal Instruction[] Code { get; init; } = [];

    internal RegisterFile Registers { get; init; } = new();
}
