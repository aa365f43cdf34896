namespace Graph.Execution;

/// <summary>
/// Places of values that a device stores as bfloat16: two in the room of a float. Such a place is an offset with a mark, counted in elements of
/// two bytes, so that emitted launches do the same arithmetic on it as on any other, and a kernel that does not expect one cannot
/// mistake it for floats: the offset is far outside memory. Only operands that a launch names (<see cref="LaunchAttribute.Bfloat16"/>) are stored so.
/// </summary>
public static partial class Bfloat16Place
{
    /// <summary>Far above any offset in floats.</summary>
    private const long Mark = 1L << 48;

    /// <summary>The place of what starts at an offset in floats.</summary>
    public static long Of(long floats) => Mark + (2 * floats);

    /// <summary>The same room as elements of two bytes.</summary>
    public static Ref Of(Ref floats) => GpuQueue.Place(Of(GpuQueue.At(floats)));

    /// <summary>It is such a place. The null place (-1) is none.</summary>
    public static bool Is(long place) => place >= Mark;

    /// <summary>In elements of two bytes from the start of device memory.</summary>
    public static long Element(long place) => place - Mark;

    /// <summary>The place without its mark: in elements of its format from the start of device memory.</summary>
    public static long Start(long place) => Is(place) ? Element(place) : place;

    /// <summary>Of an element at a place of either format.</summary>
    public static int Bytes(Ref place) => Bytes(GpuQueue.At(place));

    /// <summary>Of an element at a place of either format; 0 at the null place.</summary>
    public static int Bytes(long place) => Is(place) ? sizeof(ushort) : place < 0 ? 0 : sizeof(float);
}
