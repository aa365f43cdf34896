using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Graph.Models.Puzzles;

/// <summary>A <c>.npy</c> file, memory-mapped: opening checks it, elements are converted when they are read.</summary>
/// <remarks>Any number of threads may read at once. The file must not be cut short while it is open.</remarks>
public sealed class NpyArray : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly ReadOnlyMemory<byte> memory;
    private readonly NpyHeader header;

    private NpyArray(string file, long length, MemoryMappedFile? map, ReadOnlyMemory<byte> memory)
    {
        File = file;
        this.memory = memory;
        this.map = map;
        view = map?.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        Span<byte> start = stackalloc byte[(int)Math.Min(12, length)];
        Bytes(0, start);
        var headerLength = NpyHeader.LengthOf(file, start);
        if (headerLength > length)
        {
            throw NpyHeader.Bad(file, "header length", $"at most the {length} bytes of the file, found {headerLength}");
        }

        Span<byte> text = stackalloc byte[headerLength];
        Bytes(0, text);
        header = NpyHeader.Parse(file, text, length);
        Count = (length - headerLength) / header.Type.Size();
    }

    /// <summary>Its path, or the name that it was given.</summary>
    public string File { get; }

    public NpyType Type => header.Type;

    public ReadOnlySpan<long> Shape => header.Shape;

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="GraphException">It cannot be opened, or is no .npy file of a known type in C order, or is shorter or longer than its shape says.</exception>
    public static NpyArray Open(string path)
    {
        MemoryMappedFile? map = null;
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0)
            {
                throw NpyHeader.Bad(path, "start", "a .npy header, found an empty file");
            }

            map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            return new NpyArray(path, length, map, default);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            map?.Dispose();
            throw new GraphException($"{path}: cannot be read: {e.Message}");
        }
        catch (GraphException)
        {
            map?.Dispose();
            throw;
        }
    }

    /// <summary>Reads from memory.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="content">The whole file.</param>
    /// <exception cref="GraphException">As for <see cref="Open"/>.</exception>
    public static NpyArray Parse(string file, ReadOnlyMemory<byte> content) => new(file, content.Length, null, content);

    /// <summary>Reads elements <paramref name="first"/> and following of an integer or bool array.</summary>
    /// <exception cref="GraphException">The array is of floats, or a value does not fit into 32 bits, or a bool is neither 0 nor 1.</exception>
    public void Read(long first, Span<int> values)
    {
        switch (Type)
        {
            case NpyType.I32:
                Raw(first, MemoryMarshal.AsBytes(values));
                break;
            case NpyType.I64:
                Convert(first, values, static bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes));
                break;
            case NpyType.U8:
            case NpyType.Bool:
                Convert(first, values, static bytes => bytes[0]);
                break;
            case NpyType.I8:
                Convert(first, values, static bytes => (sbyte)bytes[0]);
                break;
            default:
                throw NpyHeader.Bad(File, "descr", $"integers, found {Type.Descriptor()}");
        }
    }

    /// <summary>Reads elements <paramref name="first"/> and following of a <c>&lt;f4</c> array.</summary>
    /// <exception cref="GraphException">The array is of another type.</exception>
    public void Read(long first, Span<float> values)
    {
        if (Type != NpyType.F32)
        {
            throw NpyHeader.Bad(File, "descr", $"<f4, found {Type.Descriptor()}");
        }

        Raw(first, MemoryMarshal.AsBytes(values));
    }

    /// <summary>A whole integer array of one dimension.</summary>
    /// <exception cref="GraphException">As for <see cref="Read(long, Span{int})"/>, or another number of dimensions.</exception>
    public int[] Vector()
    {
        if (Shape.Length != 1 || Shape[0] > Array.MaxLength)
        {
            throw NpyHeader.Bad(File, "shape", $"one dimension below 2^31, found ({string.Join(", ", header.Shape)})");
        }

        var values = new int[Shape[0]];
        Read(0, values);
        return values;
    }

    public void Dispose()
    {
        view?.Dispose();
        map?.Dispose();
    }

    private delegate long Element(ReadOnlySpan<byte> bytes);

    private void Convert(long first, Span<int> values, Element element)
    {
        var size = Type.Size();
        Span<byte> bytes = stackalloc byte[1024];
        var step = bytes.Length / size;
        for (var i = 0; i < values.Length; i += step)
        {
            var part = values.Slice(i, Math.Min(step, values.Length - i));
            Raw(first + i, bytes[..(part.Length * size)], size);
            for (var j = 0; j < part.Length; j++)
            {
                var value = element(bytes[(j * size)..]);
                if (value != (int)value || (Type == NpyType.Bool && value > 1))
                {
                    throw NpyHeader.Bad(File, $"element {first + i + j}", $"{(Type == NpyType.Bool ? "0 or 1" : "a 32-bit integer")}, found {value}");
                }

                part[j] = (int)value;
            }
        }
    }

    private void Raw(long first, Span<byte> bytes, int size = 4)
    {
        var end = first + bytes.Length / size;
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Count, nameof(first));
        Bytes(header.DataStart + first * size, bytes);
    }

    private void Bytes(long at, Span<byte> bytes)
    {
        if (view is null)
        {
            memory.Span.Slice((int)at, bytes.Length).CopyTo(bytes);
        }
        else
        {
            view.SafeMemoryMappedViewHandle.ReadSpan((ulong)at, bytes);
        }
    }
}
