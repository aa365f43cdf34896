namespace Graph.Generator.TensorCores;

/// <summary>One <c>[TensorCoreProduct]</c>: the attribute's values, and what follows from them.</summary>
/// <param name="Namespace">Of the class; empty for the global one.</param>
/// <param name="Declaration">The class's header.</param>
/// <param name="Class">Its name.</param>
/// <param name="Kernel">Name of the emitted method.</param>
/// <param name="Layout">NT, NN or TN.</param>
internal sealed record ProductSpec(string Namespace, string Declaration, string Class, string Kernel, string Layout, int TileM, int TileN, int TileK, int Stages, int WarpsM, int WarpsN)
{
    /// <summary>Static shared memory that CUDA allows.</summary>
    private const int MostShared = 48 * 1024;

    private const int WarpSize = 32;

    /// <summary>Of A: member name of <c>Graph.OperandForm</c>.</summary>
    public string LeftForm { get; init; } = "";

    /// <summary>Of B.</summary>
    public string RightForm { get; init; } = "";

    /// <summary>Member name of <c>Graph.ProductEpilogue</c>.</summary>
    public string Epilogue { get; init; } = "";

    /// <summary>A launch may add a matrix to the product.</summary>
    public bool Adds => Epilogue == "Add" || HasRaggedResult;

    /// <summary>C is loaded and stored one element at a time, otherwise in pairs.</summary>
    public bool HasRaggedResult => Epilogue == "RaggedAdd";

    /// <summary>Neighbouring columns of C that a lane loads and stores at once.</summary>
    public int ColumnsAtOnce => HasRaggedResult ? 1 : 2;

    /// <summary>The sum goes on over samples.</summary>
    public bool SumsSamples { get; init; }

    /// <summary>Pairs of columns are turned by the angle of their row.</summary>
    public bool Rotates => Epilogue == "RotatedPairs";

    /// <summary>The tile has whole rows of C, adds a residual and divides them by their root mean square.</summary>
    public bool Normalizes => Epilogue == "NormalizedRows";

    /// <summary>Columns that are far apart in C are neighbouring blocks of eight in the tile, so that one lane has both.</summary>
    public bool HasPairs => Rotates || Epilogue == "GatedPairs";

    /// <summary>The sums are dY of SwiGLU's gate.</summary>
    public bool HasGateBackward => Epilogue == "GatedBackward";

    public string Hint => $"{Class}.{Kernel}.g.cs";

    public int Threads => WarpSize * WarpsM * WarpsN;

    /// <summary>Rows of C of a warp.</summary>
    public int WarpRows => TileM / WarpsM;

    /// <summary>Columns of C of a warp.</summary>
    public int WarpColumns => TileN / WarpsN;

    /// <summary>Fragments of 16 rows of a warp.</summary>
    public int Down => WarpRows / 16;

    /// <summary>Fragments of 8 columns of a warp.</summary>
    public int Across => WarpColumns / 8;

    /// <summary>Products' depths of 16 in a step.</summary>
    public int Deep => TileK / 16;

    public OperandTile Left => new("left", Layout != "TN", LeftForm, TileM, TileK, 0, Threads);

    public OperandTile Right => new("right", Layout == "NT", RightForm, TileN, TileK, Left.Bytes, Threads);

    public int StageBytes => Left.Bytes + Right.Bytes;

    /// <summary>Place of the warps' sums of squares, one float for each warp across and each row.</summary>
    public int SquaresStart => Stages * StageBytes;

    public int SharedBytes => SquaresStart + (Normalizes ? WarpsN * TileM * sizeof(float) : 0);

    /// <summary>Why no kernel can be emitted; null if one can.</summary>
    public string? Problem => this switch
    {
        { Layout: not ("NT" or "NN" or "TN") } => "the layout is not known",
        { TileK: not (16 or 32 or 64) } => "tileK must be 16, 32 or 64",
        { Stages: < 2 } => "at least two stages are needed",
        { WarpsM: < 1 } or { WarpsN: < 1 } => "at least one warp is needed in each direction",
        _ when Threads > 1024 => $"{Threads} threads are more than a group has",
        _ when TileM < 1 || TileM % (16 * WarpsM) != 0 || !IsPower(TileM) => "tileM must be a power of two and give each warp multiples of 16 rows",
        _ when TileN < 1 || TileN % (16 * WarpsN) != 0 || !IsPower(TileN) => "tileN must be a power of two and give each warp multiples of 16 columns",
        _ when !Left.IsEven || !Right.IsEven => "the threads do not share the loads of a tile evenly",
        _ when HasPairs && Layout != "NT" => "pairs of columns need the layout NT",
        _ when Normalizes && SumsSamples => "whole rows do not go with samples",
        _ when HasPairs && (SumsSamples || Right.IsRagged) => "pairs of columns go neither with samples nor with a ragged B",
        _ when HasGateBackward && SumsSamples => "a gate's backward does not go with samples",
        _ when SharedBytes > MostShared => $"{SharedBytes} bytes of shared memory are needed, CUDA allows {MostShared}",
        _ => null,
    };

    private static bool IsPower(int value) => (value & (value - 1)) == 0;
}
