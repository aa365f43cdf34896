namespace Graph.Ptx.Forms;

/// <summary>Bits of registers as numbers and back. Registers hold values zero-extended to 64 bits.</summary>
internal static class Words
{
    public static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    public static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>The low bits as a signed number.</summary>
    public static long Signed(ulong bits, int width) => (long)(bits << (64 - width)) >> (64 - width);

    /// <summary>The low bits as an unsigned number.</summary>
    public static ulong Unsigned(ulong bits, int width) => width == 64 ? bits : bits & ((1UL << width) - 1);

    /// <summary>Subnormal numbers become zeros of their sign.</summary>
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    public static float FromBfloat16(ulong bits) => BitConverter.UInt32BitsToSingle((uint)(bits & 0xFFFF) << 16);

    /// <summary>Rounds to the nearest, ties to even.</summary>
    public static ulong ToBfloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? 0x7FFFu : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }

    /// <summary>What a tensor core reads of a float32: 10 bits of mantissa.</summary>
    public static float FromTf32(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits & 0xFFFFE000);

    /// <summary>Rounds to the nearest, ties away from zero.</summary>
    public static ulong ToTf32(float value) => (BitConverter.SingleToUInt32Bits(value) + 0x1000) & 0xFFFFE000;
}
