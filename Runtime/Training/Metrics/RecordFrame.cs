using System.Buffers.Binary;

namespace Graph.Training;

/// <summary>
/// TFRecord framing: length (uint64), masked CRC32C of the length's 8 bytes (uint32), the data, masked CRC32C of the data (uint32); all
/// numbers little-endian.
/// </summary>
internal static class RecordFrame
{
    private const int HeadBytes = 12;
    private const int FootBytes = 4;

    /// <summary>The frame around <paramref name="data"/>.</summary>
    public static byte[] Of(ReadOnlySpan<byte> data)
    {
        byte[] frame = new byte[HeadBytes + data.Length + FootBytes];
        BinaryPrimitives.WriteInt64LittleEndian(frame, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(sizeof(long)), Crc32C.Masked(frame.AsSpan(0, sizeof(long))));
        data.CopyTo(frame.AsSpan(HeadBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(HeadBytes + data.Length), Crc32C.Masked(data));
        return frame;
    }
}
