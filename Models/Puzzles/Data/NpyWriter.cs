using System.Runtime.InteropServices;
using Graph.Training;

namespace Graph.Models.Puzzles;

/// <summary>Writes a <c>.npy</c> file row by row, byte for byte as <c>numpy.save</c> does. The file appears under its name only on <see cref="Commit"/>.</summary>
public sealed class NpyWriter : IDisposable
{
    private readonly PendingFile file;
    private readonly NpyType type;
    private readonly long expected;
    private readonly string path;
    private long written;

    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">All dimensions, known before the first element.</param>
    /// <exception cref="GraphException">The file cannot be created.</exception>
    public NpyWriter(string path, NpyType type, ReadOnlySpan<long> shape)
    {
        this.path = path;
        this.type = type;
        expected = type.Size();
        foreach (var dim in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim, nameof(shape));
            expected = checked(expected * dim);
        }

        file = new PendingFile(path);
        var header = NpyHeader.Format(type, shape);
        file.Guard(() => file.Stream.Write(header));
    }

    /// <summary>Writes a vector of int32.</summary>
    public static void Save(string path, ReadOnlySpan<int> values)
    {
        using var writer = new NpyWriter(path, NpyType.I32, [values.Length]);
        writer.Write(values);
        writer.Commit();
    }

    /// <summary>Appends elements of a one-byte type.</summary>
    public void Write(ReadOnlySpan<byte> values) => Append(values, type is NpyType.U8 or NpyType.I8 or NpyType.Bool);

    /// <summary>Appends elements of int32.</summary>
    public void Write(ReadOnlySpan<int> values) => Append(MemoryMarshal.AsBytes(values), type == NpyType.I32);

    /// <summary>Appends elements of int64.</summary>
    public void Write(ReadOnlySpan<long> values) => Append(MemoryMarshal.AsBytes(values), type == NpyType.I64);

    /// <summary>Appends elements of float32.</summary>
    public void Write(ReadOnlySpan<float> values) => Append(MemoryMarshal.AsBytes(values), type == NpyType.F32);

    /// <summary>Gives the complete file its name.</summary>
    /// <exception cref="GraphException">The disk refused.</exception>
    public void Commit()
    {
        if (written != expected)
        {
            throw new InvalidOperationException($"{path} has {written} bytes of data; its shape needs {expected}.");
        }

        file.Commit();
    }

    public void Dispose() => file.Dispose();

    private void Append(ReadOnlySpan<byte> bytes, bool matches)
    {
        if (!matches)
        {
            throw new InvalidOperationException($"{path} holds {type.Descriptor()}.");
        }

        written += bytes.Length;
        try
        {
            file.Stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw new GraphException($"Cannot write {path}: {e.Message}");
        }
    }
}
