using System.Buffers.Binary;
using System.Numerics;

namespace Graph.Training;

/// <summary>The Castagnoli checksum (RFC 3720, appendix B.4): reflected polynomial 0x82F63B78, all bits inverted before and after.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>
    /// As TFRecord stores it: rotated right by 15 bits, plus 0xA282EAD8. A checksum of data that contains its own checksum is weak;
    /// the mask keeps them apart.
    /// </summary>
    public static uint Masked(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Of(data), 15) + 0xA282EAD8;
}
