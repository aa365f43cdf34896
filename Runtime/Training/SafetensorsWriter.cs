using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Graph.Training;

/// <summary>
/// Writes a safetensors file. Tensors are declared first and copied while the file is written. The file appears under its name
/// only when it is complete: a temporary neighbour is written, flushed to disk and renamed.
/// </summary>
public sealed class SafetensorsWriter
{
    private const int Piece = 1 << 16;

    private readonly List<(string Name, TensorType Type, long[] Shape, long Count, Action<Sink> Write)> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>True: the metadata gets a CRC-32C of the whole file, which <see cref="SafetensorsFile.VerifyChecksum"/> compares.</summary>
    public bool Checksum { get; init; }

    /// <summary>Written as <c>__metadata__</c> where not empty.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Declares an F32 tensor.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, TensorSource<float> source) => Declare(name, TensorType.F32, shape, source);

    /// <summary>Declares an I32 tensor.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, TensorSource<int> source) => Declare(name, TensorType.I32, shape, source);

    /// <summary>Declares an F32 tensor held by an array.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values) =>
        Declare(name, TensorType.F32, shape, FromMemory(name, shape, values));

    /// <summary>Declares an I32 tensor held by an array.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<int> values) =>
        Declare(name, TensorType.I32, shape, FromMemory(name, shape, values));

    /// <summary>Declares a U8 tensor held by an array.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> values) =>
        Declare(name, TensorType.U8, shape, FromMemory(name, shape, values));

    /// <summary>Writes everything to <paramref name="path"/>, replacing a file of that name at the very end.</summary>
    /// <exception cref="GraphException">The file cannot be written; an existing file is then unchanged.</exception>
    public void Save(string path)
    {
        WholeFile.Write(path, Write);
    }

    private void Write(Stream stream)
    {
        var sum = default(Crc32C);
        void Both(ReadOnlySpan<byte> bytes)
        {
            sum.Append(bytes);
            stream.Write(bytes);
        }

        if (Checksum)
        {
            Metadata[ChecksumField.Name] = ChecksumField.Zeros;
        }

        byte[] header = Header();
        Both(header);
        foreach ((_, _, _, _, Action<Sink> write) in _tensors)
        {
            write(Both);
        }

        if (Checksum)
        {
            stream.Position = ChecksumField.Find(header);
            stream.Write(Encoding.ASCII.GetBytes(ChecksumField.Text(sum.Value)));
        }
    }

    private static TensorSource<T> FromMemory<T>(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<T> values)
    {
        if (CountOf(name, shape) != values.Length)
        {
            throw new ArgumentException($"Tensor '{name}' has {values.Length} values; its shape needs {CountOf(name, shape)}.", nameof(values));
        }

        return (offset, destination) => values.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    private static long CountOf(string name, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dim in shape)
        {
            count = dim >= 0 ? checked(count * dim) : throw new ArgumentException($"Tensor '{name}' has the negative dim {dim}.", nameof(shape));
        }

        return count;
    }

    private void Declare<T>(string name, TensorType type, ReadOnlySpan<long> shape, TensorSource<T> source)
        where T : unmanaged
    {
        long count = CountOf(name, shape);
        if (name == "__metadata__" || !_names.Add(name))
        {
            throw new ArgumentException($"Tensor name '{name}' is reserved or already used.", nameof(name));
        }

        _tensors.Add((name, type, shape.ToArray(), count, sink =>
        {
            T[] piece = new T[Math.Min(Piece, count)];
            for (long i = 0; i < count; i += piece.Length)
            {
                Span<T> values = piece.AsSpan(0, (int)Math.Min(piece.Length, count - i));
                source(i, values);
                sink(MemoryMarshal.AsBytes(values));
            }
        }
        ));
    }

    private byte[] Header()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            if (Metadata.Count > 0)
            {
                writer.WriteStartObject("__metadata__");
                foreach ((string key, string value) in Metadata)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            long position = 0;
            foreach ((string name, TensorType type, long[] shape, long count, _) in _tensors)
            {
                long end = position + (count * TensorTypes.Size(type));
                writer.WriteStartObject(name);
                writer.WriteString("dtype", TensorTypes.Name(type));
                WriteNumbers(writer, "shape", shape);
                WriteNumbers(writer, "data_offsets", [position, end]);
                writer.WriteEndObject();
                position = end;
            }

            writer.WriteEndObject();
        }

        // The format asks for data aligned to 8 bytes; the header may be padded with spaces.
        int length = (json.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[8 + length];
        header.AsSpan(8).Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        json.WrittenSpan.CopyTo(header.AsSpan(8));
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, ReadOnlySpan<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (long number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}
