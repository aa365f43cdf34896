namespace Graph.Ptx.Machine;

/// <summary>A memory as instructions see it: every access is checked before it is done.</summary>
internal abstract class MemorySpace
{
    /// <summary>The bytes at an address.</summary>
    /// <exception cref="PtxException">Misaligned, out of bounds, or a race.</exception>
    public Span<byte> Open(Warp warp, int lane, ulong address, int bytes, Access access)
    {
        if (address % (ulong)bytes != 0)
        {
            throw new PtxException($"misaligned: {bytes} bytes at address {address:x}, thread {warp.Thread(lane)}");
        }

        return OpenAligned(warp, lane, address, bytes, access);
    }

    protected abstract Span<byte> OpenAligned(Warp warp, int lane, ulong address, int bytes, Access access);

    protected static Span<byte> Within(byte[] memory, string space, Warp warp, int lane, ulong address, int bytes) =>
        address + (ulong)bytes <= (ulong)memory.Length && address < (ulong)memory.Length
            ? memory.AsSpan((int)address, bytes)
            : throw new PtxException($"out of bounds: {bytes} bytes at {(long)address} of {memory.Length} bytes of {space} memory, thread {warp.Thread(lane)}");
}

/// <summary>The arguments of a launch.</summary>
internal sealed class ParameterSpace(byte[] arguments) : MemorySpace
{
    protected override Span<byte> OpenAligned(Warp warp, int lane, ulong address, int bytes, Access access) => Within(arguments, "parameter", warp, lane, address, bytes);
}

/// <summary>Memory of a group.</summary>
internal sealed class SharedSpace(int size) : MemorySpace
{
    private readonly byte[] memory = new byte[size];
    private readonly AccessLog log = new("shared", local: true);

    protected override Span<byte> OpenAligned(Warp warp, int lane, ulong address, int bytes, Access access)
    {
        var span = Within(memory, "shared", warp, lane, address, bytes);
        log.Note(warp, lane, address, bytes, access);
        return span;
    }

    /// <summary>A copy begins; its bytes are there when it has been waited for.</summary>
    public void Begin(Warp warp, int lane, ulong address, int bytes)
    {
        if (address % (ulong)bytes != 0)
        {
            throw new PtxException($"misaligned: asynchronous copy of {bytes} bytes to shared address {address}, thread {warp.Thread(lane)}");
        }

        _ = Within(memory, "shared", warp, lane, address, bytes);
        log.Begin(warp, lane, address, bytes);
    }

    public void Complete(Warp warp, int lane, ulong address, byte[] data)
    {
        log.Complete(warp, lane, address, data.Length);
        data.CopyTo(memory, (int)address);
    }
}

/// <summary>Each thread's own memory, for what registers do not hold.</summary>
/// <param name="size">Bytes of a thread.</param>
/// <param name="threads">Of a group.</param>
internal sealed class LocalSpace(int size, int threads) : MemorySpace
{
    private readonly byte[] memory = new byte[size * threads];

    protected override Span<byte> OpenAligned(Warp warp, int lane, ulong address, int bytes, Access access) =>
        address + (ulong)bytes <= (ulong)size && address < (ulong)size
            ? memory.AsSpan((warp.Thread(lane) * size) + (int)address, bytes)
            : throw new PtxException($"out of bounds: {bytes} bytes at {(long)address} of {size} bytes of local memory, thread {warp.Thread(lane)}");
}

/// <summary>The buffers of a device, far apart, so that no access past one meets another.</summary>
internal sealed class GlobalSpace : MemorySpace
{
    private const ulong First = 0x7f00_0000_0000;
    private const ulong Apart = 0x1_0000_0000;

    private readonly List<(string Name, byte[] Bytes)> buffers = [];
    private readonly AccessLog log = new("global", local: false);

    public ulong Add(string name, byte[] bytes)
    {
        buffers.Add((name, bytes));
        return First + ((ulong)(buffers.Count - 1) * Apart);
    }

    public void Replace(ulong address, byte[] bytes)
    {
        var index = (int)((address - First) / Apart);
        buffers[index] = (buffers[index].Name, bytes);
    }

    protected override Span<byte> OpenAligned(Warp warp, int lane, ulong address, int bytes, Access access)
    {
        // Half a distance on both sides belongs to a buffer, so that an access before its start is told as one of it.
        var index = (int)Math.Min((address - First + (Apart / 2)) / Apart, int.MaxValue);
        if (index >= buffers.Count)
        {
            throw new PtxException($"out of bounds: {bytes} bytes at global address {address:x}, which is in no buffer, thread {warp.Thread(lane)}");
        }

        var (name, memory) = buffers[index];
        var offset = (long)(address - First - ((ulong)index * Apart));
        if (offset < 0 || offset + bytes > memory.Length)
        {
            throw new PtxException($"out of bounds: {bytes} bytes at {offset} of {memory.Length} bytes of buffer '{name}', thread {warp.Thread(lane)}");
        }

        log.Note(warp, lane, address - First, bytes, access);
        return memory.AsSpan((int)offset, bytes);
    }
}
