using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Graph.Models.Puzzles;

/// <summary>The header of a <c>.npy</c> file, versions 1 and 2: element type and shape, C order.</summary>
/// <remarks>The header is a Python dictionary literal; only the three entries that numpy writes are accepted, each once and in any order.</remarks>
internal sealed class NpyHeader
{
    /// <summary>Longest header text accepted, in bytes; numpy's own limit for untrusted files.</summary>
    public const int MaxLength = 10_000;

    private const int MaxDimensions = 32;
    private const int Align = 64;
    private const int GrowthDigits = 21;

    private NpyHeader(NpyType type, long[] shape, int dataStart)
    {
        Type = type;
        Shape = shape;
        DataStart = dataStart;
    }

    public NpyType Type { get; }

    public long[] Shape { get; }

    /// <summary>Where the data begin, in bytes.</summary>
    public int DataStart { get; }

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Bytes to read before <see cref="Parse"/> can be called, given the first 12 (or all, of a shorter file).</summary>
    /// <exception cref="GraphException">Not a .npy file.</exception>
    public static int LengthOf(string file, ReadOnlySpan<byte> start)
    {
        if (start.Length < 10 || !start.StartsWith(Magic))
        {
            throw Bad(file, "start", "\\x93NUMPY, two bytes of version and a header length");
        }

        var version = (start[6], start[7]);
        if (version is not ((1 or 2), 0))
        {
            throw Bad(file, "version", $"1.0 or 2.0, found {start[6]}.{start[7]}");
        }

        var prefix = version.Item1 == 1 ? 10 : 12;
        if (start.Length < prefix)
        {
            throw Bad(file, "start", $"{prefix} bytes, found {start.Length}");
        }

        var length = prefix == 10 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        return length <= MaxLength ? prefix + (int)length : throw Bad(file, "header length", $"at most {MaxLength} bytes, found {length}");
    }

    /// <summary>Checks everything, the length of the file included.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="header">The first <see cref="LengthOf"/> bytes.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <exception cref="GraphException">Malformed: file, entry, expected.</exception>
    public static NpyHeader Parse(string file, ReadOnlySpan<byte> header, long fileLength)
    {
        var text = new PythonLiteral(file, header[(header[6] == 1 ? 10 : 12)..]);
        NpyType? type = null;
        bool? fortran = null;
        long[]? shape = null;
        text.Expect((byte)'{');
        while (!text.TryTake((byte)'}'))
        {
            var key = text.String();
            text.Expect((byte)':');
            switch (key)
            {
                case "descr" when type is null:
                    var descriptor = text.String();
                    type = NpyTypes.Parse(descriptor) ?? throw Bad(file, "descr", $"{NpyTypes.Expected}, found '{descriptor}'");
                    break;
                case "fortran_order" when fortran is null:
                    fortran = text.Boolean();
                    break;
                case "shape" when shape is null:
                    shape = text.Tuple(MaxDimensions);
                    break;
                default:
                    throw Bad(file, "header", $"descr, fortran_order and shape once each, found '{key}'");
            }

            if (!text.TryTake((byte)','))
            {
                text.Expect((byte)'}');
                break;
            }
        }

        text.ExpectEnd();
        if (type is null || fortran is null || shape is null)
        {
            throw Bad(file, "header", "descr, fortran_order and shape");
        }

        if (fortran.Value)
        {
            throw Bad(file, "fortran_order", "False (C order)");
        }

        CheckLength(file, type.Value, shape, fileLength - header.Length);
        return new NpyHeader(type.Value, shape, header.Length);
    }

    /// <summary>The header that numpy 1.24 and later write: room for the first dimension to grow, then spaces up to 64 bytes.</summary>
    public static byte[] Format(NpyType type, ReadOnlySpan<long> shape)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{'descr': '{type.Descriptor()}', 'fortran_order': False, 'shape': (");
        for (var i = 0; i < shape.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{shape[i]}{(i + 1 < shape.Length ? ", " : shape.Length == 1 ? "," : "")}");
        }

        text.Append("), }");
        if (shape.Length > 0)
        {
            text.Append(' ', GrowthDigits - shape[0].ToString(CultureInfo.InvariantCulture).Length);
        }

        // numpy adds a whole block of padding where the text ends on a boundary already.
        var length = 10 + text.Length + 1;
        text.Append(' ', Align - length % Align).Append('\n');
        var header = new byte[10 + text.Length];
        Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)text.Length);
        Encoding.Latin1.GetBytes(text.ToString(), header.AsSpan(10));
        return header;
    }

    /// <summary>The message of a malformed file.</summary>
    internal static GraphException Bad(string file, string field, string expected) => new($"{file}: {field}, expected {expected}");

    private static void CheckLength(string file, NpyType type, long[] shape, long dataLength)
    {
        var bytes = (UInt128)type.Size();
        foreach (var dim in shape)
        {
            // A zero dimension makes the product zero whatever the others are, so only the running product can grow too large.
            bytes *= (UInt128)dim;
            if (bytes > long.MaxValue)
            {
                throw Bad(file, "shape", $"fewer than 2^63 bytes of data, found ({string.Join(", ", shape)})");
            }
        }

        if (bytes != (UInt128)dataLength)
        {
            throw Bad(file, "data", $"{bytes} bytes for {type.Descriptor()} of shape ({string.Join(", ", shape)}), found {dataLength}");
        }
    }
}
