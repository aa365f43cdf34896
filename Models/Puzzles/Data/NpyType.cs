namespace Graph.Models.Puzzles;

/// <summary>Element types of <c>.npy</c> files that puzzle data come in.</summary>
public enum NpyType
{
    /// <summary><c>|b1</c>, one byte, 0 or 1.</summary>
    Bool,

    /// <summary><c>|i1</c></summary>
    I8,

    /// <summary><c>|u1</c></summary>
    U8,

    /// <summary><c>&lt;i4</c></summary>
    I32,

    /// <summary><c>&lt;i8</c></summary>
    I64,

    /// <summary><c>&lt;f4</c></summary>
    F32,
}

/// <summary>Names and sizes of <see cref="NpyType"/>.</summary>
internal static class NpyTypes
{
    public const string Expected = "|b1, |i1, |u1, <i4, <i8 or <f4";

    public static int Size(this NpyType type) => type switch
    {
        NpyType.I64 => 8,
        NpyType.I32 or NpyType.F32 => 4,
        _ => 1,
    };

    public static string Descriptor(this NpyType type) => type switch
    {
        NpyType.Bool => "|b1",
        NpyType.I8 => "|i1",
        NpyType.U8 => "|u1",
        NpyType.I32 => "<i4",
        NpyType.I64 => "<i8",
        _ => "<f4",
    };

    public static NpyType? Parse(string descriptor) => descriptor switch
    {
        "|b1" => NpyType.Bool,
        "|i1" => NpyType.I8,
        "|u1" => NpyType.U8,
        "<i4" => NpyType.I32,
        "<i8" => NpyType.I64,
        "<f4" => NpyType.F32,
        _ => null,
    };
}
