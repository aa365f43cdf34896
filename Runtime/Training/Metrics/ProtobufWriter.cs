using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Graph.Training;

/// <summary>
/// The part of the Protocol Buffers wire format that event files need: a field is a varint key (number * 8 + wire type), then a varint
/// (type 0), 8 bytes (1), a length and bytes (2), or 4 bytes (5). Values that equal the default are left out, as proto3 does.
/// </summary>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Int64(int field, long value)
    {
        if (value != 0)
        {
            Key(field, 0);
            Varint((ulong)value);
        }
    }

    public void Double(int field, double value)
    {
        if (BitConverter.DoubleToInt64Bits(value) != 0)
        {
            Key(field, 1);
            BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
            _bytes.Advance(sizeof(double));
        }
    }

    /// <summary>A member of a oneof: written even where it is 0, for its presence says which member is set.</summary>
    public void FloatInOneof(int field, float value)
    {
        Key(field, 5);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
    }

    public void String(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message inside the message.</summary>
    public void Message(int field, ProtobufWriter message) => Bytes(field, message.Written);

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    private void Key(int field, int wireType) => Varint((ulong)((field << 3) | wireType));

    private void Varint(ulong value)
    {
        Span<byte> span = _bytes.GetSpan(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
