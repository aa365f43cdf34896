namespace Graph.Training;

/// <summary>Element types of a safetensors file that <see cref="SafetensorsFile"/> reads.</summary>
public enum TensorType
{
    F32,
    F64,
    BF16,
    I32,
    I64,
    U8,
    Bool,
}

internal static class TensorTypes
{
    public static int Size(TensorType type) => type switch
    {
        TensorType.F64 or TensorType.I64 => 8,
        TensorType.F32 or TensorType.I32 => 4,
        TensorType.BF16 => 2,
        _ => 1,
    };

    public static string Name(TensorType type) => type == TensorType.Bool ? "BOOL" : type.ToString();

    public static TensorType? Parse(string name) => name switch
    {
        "F32" => TensorType.F32,
        "F64" => TensorType.F64,
        "BF16" => TensorType.BF16,
        "I32" => TensorType.I32,
        "I64" => TensorType.I64,
        "U8" => TensorType.U8,
        "BOOL" => TensorType.Bool,
        _ => null,
    };
}
