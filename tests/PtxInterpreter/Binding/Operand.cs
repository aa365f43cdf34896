namespace Graph.Ptx.Binding;

/// <summary>
/// An operand after binding. Registers, literals, special registers and addresses of symbols are all rows of a warp's register file, so that
/// instructions read them alike.
/// </summary>
/// <param name="Row">The row of a value, or of an address's base.</param>
/// <param name="Offset">Added to an address's base.</param>
/// <param name="Rows">The rows of a vector.</param>
/// <param name="Targets">Indices of instructions that a branch may go to.</param>
/// <param name="Literal">The value of a literal.</param>
/// <param name="Width">Bits of the register or registers; of an address's base.</param>
internal readonly record struct Operand(int Row, long Offset = 0, int[]? Rows = null, int[]? Targets = null, ulong Literal = 0, int Width = 64)
{
    /// <summary>The rows of a vector, or the one of a value.</summary>
    public int[] All => Rows ?? [Row];
}

/// <summary>What stands at one place of an instruction.</summary>
internal enum Shape
{
    Write,
    Read,
    Address,
    Literal,
    Labels,
}

/// <summary>What an instruction's form wants at one place.</summary>
/// <param name="Shape">What stands there.</param>
/// <param name="Type">Of the register or registers.</param>
/// <param name="Count">Registers in braces; 0 for one without braces.</param>
/// <param name="Space">Of an address.</param>
/// <param name="Memory">Registers follow the rule of loads and stores and may be wider than the type.</param>
/// <param name="Symbols">A symbol's address may stand for a value.</param>
internal readonly record struct Rule(Shape Shape, PtxType Type = default, int Count = 0, Space Space = Space.Parameter, bool Memory = false, bool Symbols = false)
{
    public static Rule Write(PtxType type, int count = 0) => new(Shape.Write, type, count);

    public static Rule Read(PtxType type, int count = 0) => new(Shape.Read, type, count);

    public static Rule At(Space space) => new(Shape.Address, Space: space);

    public static Rule Integer { get; } = new(Shape.Literal);

    public static Rule Label { get; } = new(Shape.Labels);
}

/// <summary>Where memory is.</summary>
internal enum Space
{
    Parameter,
    Global,
    Shared,
    Local,
}
