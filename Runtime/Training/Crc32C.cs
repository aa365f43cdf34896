using System.Numerics;
using System.Runtime.InteropServices;

namespace Graph.Training;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720, appendix B.4: reflected polynomial 0x82F63B78) of a stream of bytes: finds accidents, not forgery, and
/// needs neither a package nor a native library.
/// </summary>
internal struct Crc32C
{
    // Kept inverted, so that the default value is the state before the first byte.
    private uint _inverted;

    public readonly uint Value => _inverted;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var sum = default(Crc32C);
        sum.Append(bytes);
        return sum.Value;
    }

    /// <summary>
    /// As TFRecord stores it: rotated right by 15 bits, plus 0xA282EAD8. A checksum of data that contains its own checksum is weak;
    /// the mask keeps them apart.
    /// </summary>
    public static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + 0xA282EAD8;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint state = ~_inverted;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            state = BitOperations.Crc32C(state, word);
        }

        foreach (byte single in bytes[(words.Length * sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, single);
        }

        _inverted = ~state;
    }
}
