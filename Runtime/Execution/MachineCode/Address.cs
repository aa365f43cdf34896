namespace Graph.Execution.MachineCode;

/// <summary>A memory operand: base + index * scale + displacement.</summary>
/// <param name="Base">Any register.</param>
/// <param name="Displacement">Bytes.</param>
internal readonly record struct Address(Register Base, int Displacement = 0)
{
    /// <summary>Null: none. The stack pointer cannot be one.</summary>
    public Register? Index { get; init; }

    /// <summary>1, 2, 4 or 8.</summary>
    public int Scale { get; init; } = 1;
}
