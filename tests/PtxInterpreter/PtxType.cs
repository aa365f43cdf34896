namespace Graph.Ptx;

/// <summary>How a type of PTX reads its bits.</summary>
public enum PtxKind
{
    Bits,
    Signed,
    Unsigned,
    Real,
    Predicate,
}

/// <summary>A fundamental type of PTX, e.g. <c>.f32</c>.</summary>
/// <param name="Kind">How it reads its bits.</param>
/// <param name="Width">Its size in bits; a predicate has one.</param>
public readonly record struct PtxType(PtxKind Kind, int Width)
{
    public int Bytes => Math.Max(1, Width / 8);

    private bool IsInteger => Kind is PtxKind.Signed or PtxKind.Unsigned;

    /// <summary>The type of that name without its dot, e.g. "f32"; null for another word.</summary>
    public static PtxType? Parse(string name) => name switch
    {
        "pred" => new(PtxKind.Predicate, 1),
        "b8" => new(PtxKind.Bits, 8),
        "b16" or "bf16" => new(PtxKind.Bits, 16),
        "b32" or "bf16x2" or "f16x2" or "tf32" => new(PtxKind.Bits, 32),
        "b64" => new(PtxKind.Bits, 64),
        "s8" => new(PtxKind.Signed, 8),
        "s16" => new(PtxKind.Signed, 16),
        "s32" => new(PtxKind.Signed, 32),
        "s64" => new(PtxKind.Signed, 64),
        "u8" => new(PtxKind.Unsigned, 8),
        "u16" => new(PtxKind.Unsigned, 16),
        "u32" => new(PtxKind.Unsigned, 32),
        "u64" => new(PtxKind.Unsigned, 64),
        "f16" => new(PtxKind.Real, 16),
        "f32" => new(PtxKind.Real, 32),
        "f64" => new(PtxKind.Real, 64),
        _ => null,
    };

    /// <summary>The type of that name.</summary>
    /// <exception cref="PtxException">There is none.</exception>
    public static PtxType Of(string name) => Parse(name) ?? throw new PtxException($"unknown type .{name}");

    /// <summary>PTX's rule for operands: sizes are equal, and untyped bits go with anything, integers with integers, reals with reals.</summary>
    public bool Takes(PtxType register) =>
        Width == register.Width
        && (Kind == register.Kind
            || (Kind != PtxKind.Predicate && register.Kind != PtxKind.Predicate && (Kind == PtxKind.Bits || register.Kind == PtxKind.Bits || (IsInteger && register.IsInteger))));

    /// <summary>PTX's rule for loads and stores: a register may also be wider than the memory, unless both are reals.</summary>
    public bool Fits(PtxType register) =>
        Takes(register) || (register.Width > Width && register.Kind is not (PtxKind.Predicate or PtxKind.Real) && Kind is not (PtxKind.Predicate or PtxKind.Real));

    public override string ToString() => Kind switch
    {
        PtxKind.Predicate => ".pred",
        PtxKind.Bits => $".b{Width}",
        PtxKind.Signed => $".s{Width}",
        PtxKind.Unsigned => $".u{Width}",
        _ => $".f{Width}",
    };
}
