using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Graph.Training;

/// <summary>
/// Reads a safetensors file (8 bytes little-endian header length, JSON header, raw little-endian data).
/// The header is checked completely on opening; tensor data is read on demand straight into the caller's memory.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Longest header accepted, in bytes (the limit of the reference implementation).</summary>
    public const long MaxHeaderLength = 100_000_000;

    private const int BufferLength = 1 << 16;

    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle? handle, ReadOnlyMemory<byte> memory)
    {
        Path = path;
        _handle = handle;
        _memory = memory;
        long length = handle is null ? memory.Length : RandomAccess.GetLength(handle);
        if (length < 8)
        {
            throw new GraphException($"{path} is not a valid safetensors file: it has {length} bytes; expected at least 8.");
        }

        Span<byte> prefix = stackalloc byte[8];
        Fill(prefix, 0);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderLength)
        {
            throw new GraphException($"{path} is not a valid safetensors file: the header length is {headerLength}; expected at most {MaxHeaderLength}.");
        }

        if (headerLength > (ulong)(length - 8))
        {
            throw new GraphException($"{path} is not a valid safetensors file: the header length is {headerLength}, but only {length - 8} bytes follow.");
        }

        byte[] json = new byte[headerLength];
        Fill(json, 8);
        _dataStart = 8 + (long)headerLength;
        _header = SafetensorsHeader.Parse(path, json, length - _dataStart);
    }

    /// <summary>The path as given to <see cref="Open"/>, or the name as given to <see cref="Parse"/>.</summary>
    public string Path { get; }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _header.Tensors;

    /// <summary>The header's <c>__metadata__</c>; empty where absent.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GraphException">The file cannot be opened or its header is malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GraphException($"Cannot open {path}: {e.Message}");
        }

        try
        {
            return new SafetensorsFile(path, handle, default);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Checks a file held in memory.</summary>
    /// <param name="name">Stands for its path in messages.</param>
    /// <param name="content">The whole file; must not change while it is in use.</param>
    /// <exception cref="GraphException">Its header is malformed.</exception>
    public static SafetensorsFile Parse(string name, ReadOnlyMemory<byte> content) => new(name, null, content);

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="GraphException">There is no such tensor.</exception>
    public TensorEntry Find(string name) =>
        Tensors.TryGetValue(name, out TensorEntry? entry) ? entry : throw new GraphException($"{Path} has no tensor '{name}'.");

    /// <summary>Reads a floating-point tensor (F32, F64 rounded to nearest, BF16 widened) into <paramref name="destination"/>.</summary>
    /// <exception cref="GraphException">The tensor is absent, not floating-point, or its count is not the destination's length.</exception>
    public void Read(string name, Span<float> destination)
    {
        TensorEntry entry = Find(name);
        CheckCount(entry, destination.Length);
        switch (entry.Type)
        {
            case TensorType.F32:
                Fill(MemoryMarshal.AsBytes(destination), _dataStart + entry.Begin);
                break;
            case TensorType.F64:
                Convert(entry, destination, static (bytes, values) =>
                {
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                    }
                });
                break;
            case TensorType.BF16:
                Convert(entry, destination, static (bytes, values) =>
                {
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                    }
                });
                break;
            default:
                throw WrongType(entry, "F32, F64 or BF16");
        }
    }

    /// <summary>Reads an integer tensor (I32, I64, U8, BOOL as 0 or 1) into <paramref name="destination"/>.</summary>
    /// <exception cref="GraphException">As for floats, or a value does not fit into 32 bits, or a BOOL is neither 0 nor 1.</exception>
    public void Read(string name, Span<int> destination)
    {
        TensorEntry entry = Find(name);
        CheckCount(entry, destination.Length);
        switch (entry.Type)
        {
            case TensorType.I32:
                Fill(MemoryMarshal.AsBytes(destination), _dataStart + entry.Begin);
                break;
            case TensorType.I64:
                Convert(entry, destination, (bytes, values) =>
                {
                    for (int i = 0; i < values.Length; i++)
                    {
                        long value = BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]);
                        values[i] = value == (int)value ? (int)value : throw OutOfRange(entry, value, "a 32-bit integer");
                    }
                });
                break;
            case TensorType.U8:
            case TensorType.Bool:
                Convert(entry, destination, (bytes, values) =>
                {
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = entry.Type == TensorType.U8 || bytes[i] <= 1 ? bytes[i] : throw OutOfRange(entry, bytes[i], "0 or 1");
                    }
                });
                break;
            default:
                throw WrongType(entry, "I32, I64, U8 or BOOL");
        }
    }

    /// <summary>A whole floating-point tensor in a new array.</summary>
    public float[] Floats(string name)
    {
        float[] values = new float[ArrayLength(Find(name))];
        Read(name, values);
        return values;
    }

    /// <summary>A whole integer tensor in a new array.</summary>
    public int[] Ints(string name)
    {
        int[] values = new int[ArrayLength(Find(name))];
        Read(name, values);
        return values;
    }

    /// <summary>A whole U8 tensor in a new array.</summary>
    /// <exception cref="GraphException">There is no such tensor, or it is not U8.</exception>
    public byte[] Bytes(string name)
    {
        TensorEntry entry = Find(name);
        if (entry.Type != TensorType.U8)
        {
            throw WrongType(entry, "U8");
        }

        byte[] values = new byte[ArrayLength(entry)];
        Fill(values, _dataStart + entry.Begin);
        return values;
    }

    /// <summary>Reads the whole file and compares it with the checksum in its metadata.</summary>
    /// <exception cref="GraphException">The file has no checksum, or was altered after it was written.</exception>
    public void VerifyChecksum()
    {
        byte[] header = new byte[_dataStart];
        Fill(header, 0);
        int at = ChecksumField.Find(header);
        string expected = Metadata.GetValueOrDefault(ChecksumField.Name, "");
        if (at < 0 || expected.Length != ChecksumField.Zeros.Length)
        {
            throw new GraphException($"{Path} has no checksum: its metadata field '{ChecksumField.Name}' is '{expected}'; expected {ChecksumField.Zeros.Length} hexadecimal digits.");
        }

        header.AsSpan(at, ChecksumField.Zeros.Length).Fill((byte)'0');
        var sum = default(Crc32C);
        sum.Append(header);
        byte[] buffer = new byte[BufferLength];
        long length = _handle is null ? _memory.Length : RandomAccess.GetLength(_handle);
        for (long i = _dataStart; i < length; i += BufferLength)
        {
            Span<byte> bytes = buffer.AsSpan(0, (int)Math.Min(BufferLength, length - i));
            Fill(bytes, i);
            sum.Append(bytes);
        }

        string found = ChecksumField.Text(sum.Value);
        if (found != expected)
        {
            throw new GraphException($"{Path} is damaged: its checksum is {found}, expected {expected}.");
        }
    }

    public void Dispose() => _handle?.Dispose();

    private delegate void Decoder<T>(ReadOnlySpan<byte> bytes, Span<T> values);

    private void Convert<T>(TensorEntry entry, Span<T> destination, Decoder<T> decode)
    {
        int size = TensorTypes.Size(entry.Type);
        byte[] buffer = new byte[BufferLength];
        int step = BufferLength / size;
        for (int i = 0; i < destination.Length; i += step)
        {
            int count = Math.Min(step, destination.Length - i);
            Span<byte> bytes = buffer.AsSpan(0, count * size);
            Fill(bytes, _dataStart + entry.Begin + ((long)i * size));
            decode(bytes, destination.Slice(i, count));
        }
    }

    private void Fill(Span<byte> destination, long offset)
    {
        if (_handle is null)
        {
            _memory.Span.Slice((int)offset, destination.Length).CopyTo(destination);
            return;
        }

        while (!destination.IsEmpty)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle, destination, offset);
            }
            catch (IOException e)
            {
                throw new GraphException($"Cannot read {Path}: {e.Message}");
            }

            if (read == 0)
            {
                throw new GraphException($"Cannot read {Path}: it became shorter while it was read.");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    private void CheckCount(TensorEntry entry, int expected)
    {
        if (entry.Count != expected)
        {
            throw new GraphException($"{Path}: tensor '{entry.Name}' has {entry.Count} elements (shape {entry.ShapeText}); expected {expected}.");
        }
    }

    private int ArrayLength(TensorEntry entry) =>
        entry.Count <= Array.MaxLength
            ? (int)entry.Count
            : throw new GraphException($"{Path}: tensor '{entry.Name}' has {entry.Count} elements; expected at most {Array.MaxLength}.");

    private GraphException WrongType(TensorEntry entry, string expected) =>
        new($"{Path}: tensor '{entry.Name}' is {TensorTypes.Name(entry.Type)}; expected {expected}.");

    private GraphException OutOfRange(TensorEntry entry, long value, string expected) =>
        new($"{Path}: tensor '{entry.Name}' holds {value}; expected {expected}.");
}
