namespace Graph.Generator.TensorCores;

/// <summary>
/// A factor's tile in shared memory, as bfloat16 in chunks of eight, the 16 bytes that a thread loads and a matrix row of <c>ldmatrix</c> has.
/// Chunks of a line are swapped by the line's number, so that eight lines read at once lie in all 32 banks.
/// </summary>
/// <param name="Name">Prefix of everything that belongs to it in the emitted text.</param>
/// <param name="IsDeep">A line holds summed indices of one row; otherwise rows of one summed index.</param>
/// <param name="Form">Member name of <c>Graph.OperandForm</c>.</param>
/// <param name="Extent">Rows (columns of C for the right factor).</param>
/// <param name="Depth">Summed indices.</param>
/// <param name="Start">Bytes before it in a stage.</param>
/// <param name="Threads">That load it together.</param>
internal sealed record OperandTile(string Name, bool IsDeep, string Form, int Extent, int Depth, int Start, int Threads)
{
    private const int ChunkElements = 8;
    private const int ChunkBytes = 16;

    /// <summary>Copied as it lies, bfloat16; otherwise float32 that passes registers.</summary>
    public bool IsCopied => Form == "Bfloat16";

    /// <summary>Its lines in memory start and end anywhere: elements are loaded one by one, neighbours by neighbouring threads.</summary>
    public bool IsRagged => Form == "RaggedFloat32";

    public int Lines => IsDeep ? Extent : Depth;

    public int Chunks => (IsDeep ? Depth : Extent) / ChunkElements;

    public int LineBytes => Chunks * ChunkBytes;

    public int Bytes => Lines * LineBytes;

    /// <summary>Loads of a line: of chunks, or of elements where it is ragged.</summary>
    public int Pieces => IsRagged ? Chunks * ChunkElements : Chunks;

    /// <summary>Threads that load: the first ones, where a tile has fewer pieces than there are threads.</summary>
    public int Loaders => Math.Min(Lines * Pieces, Threads);

    /// <summary>What one of them loads of a tile.</summary>
    public int Loads => Lines * Pieces / Loaders;

    /// <summary>Lines between a thread's loads.</summary>
    public int Apart => Loaders / Pieces;

    /// <summary>Floats of a thread that are under way.</summary>
    public int Held => IsCopied ? 0 : IsRagged ? Loads : Loads * ChunkElements;

    /// <summary>Bytes of an element in memory.</summary>
    public int ElementBytes => IsCopied ? 2 : 4;

    /// <summary>Every loader loads as much, and a thread's lines have the same swizzle, of chunks. Where not all threads load, whole warps copy.</summary>
    public bool IsEven => Lines * Pieces % Loaders == 0 && Loaders % Pieces == 0 && (Loaders == Threads || (IsCopied && Loaders % 32 == 0)) && (Loads == 1 || IsRagged || Apart % 8 == 0);

    /// <summary>Its start in a stage, for an expression to continue; nothing for the first.</summary>
    public string After => Start == 0 ? "" : $"{Start} + ";

    /// <summary>Bytes in a tile from a thread's first piece to another, but for the swizzle.</summary>
    public int Offset(int load) => load * Apart * LineBytes;

    /// <summary>
    /// The bits in which a load's place differs from that of the thread's first besides: lines of elements lie so near each other that their
    /// swizzles differ. A thread's first line is below <see cref="Apart"/>, which is a power of two, so no bit is in both.
    /// </summary>
    public int Turned(int load) => ((load * Apart) >> Shift & Mask) * ChunkBytes;

    /// <summary>A chunk's place in its line.</summary>
    /// <param name="chunk">An expression of its number.</param>
    /// <param name="line">An expression of the line's.</param>
    public string Swizzled(string chunk, string line) => (Shift, Mask) switch
    {
        (_, 0) => chunk,
        (0, var mask) => $"({chunk} ^ ({line} & {mask}))",
        var (shift, mask) => $"({chunk} ^ (({line} >> {shift}) & {mask}))",
    };

    /// <summary>Lines that one sweep over all banks holds share their swizzle: 8 / chunks, as a shift.</summary>
    private int Shift => Chunks switch { 1 => 3, 2 => 2, 4 => 1, _ => 0 };

    private int Mask => Math.Min(Chunks, 8) - 1;
}
