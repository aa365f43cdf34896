using System.Buffers.Binary;
using System.Numerics;

namespace Graph.Execution.MachineCode;

/// <summary>
/// Encodes the few x86-64 instructions that a kernel needs which .NET has no intrinsic for. Vector registers are numbers 0 to 31 of 512
/// bits. Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapters 2.2 (REX), 2.7 (EVEX) and 3 to 5.
/// </summary>
internal sealed class Assembler
{
    private const int Map0F = 1, Map0F38 = 2;
    private const int NoPrefix = 0, Prefix66 = 1, PrefixF3 = 2;
    private const int Vector = 64, Element = 4;

    private readonly List<byte> code = [];

    /// <summary>Where the next instruction begins: the target of a jump back.</summary>
    public int Position => code.Count;

    public byte[] ToArray() => [.. code];

    public void LoadInteger(Register to, Address from) => Legacy(to, from, wide: true, 0x8B);

    public void LoadAddress(Register to, Address from) => Legacy(to, from, wide: true, 0x8D);

    public void Add(Register to, Register value)
    {
        code.AddRange([Rex(true, (int)value, 0, (int)to), 0x01]);
        Registers((int)value, (int)to);
    }

    public void Add(Register to, int value)
    {
        var isShort = value is >= sbyte.MinValue and <= sbyte.MaxValue;
        code.AddRange([Rex(true, 0, 0, (int)to), (byte)(isShort ? 0x83 : 0x81)]);
        Registers(0, (int)to);
        if (isShort)
        {
            code.Add((byte)value);
        }
        else
        {
            Int32(value);
        }
    }

    public void Decrement(Register register)
    {
        code.AddRange([Rex(true, 0, 0, (int)register), 0xFF]);
        Registers(1, (int)register);
    }

    /// <summary>Jumps back to <paramref name="target"/> (a <see cref="Position"/>) unless the last result was zero.</summary>
    public void JumpIfNotZero(int target)
    {
        code.AddRange([0x0F, 0x85]);
        Int32(target - (code.Count + sizeof(int)));
    }

    public void Return() => code.Add(0xC3);

    /// <summary>Fetches a line into the cache of that level (1 or 2) and those below.</summary>
    public void Prefetch(int level, Address line) => Legacy((Register)level, line, wide: false, 0x0F, 0x18);

    /// <summary>Fetches a line in order to write it (prefetchw).</summary>
    public void PrefetchForWrite(Address line) => Legacy((Register)1, line, wide: false, 0x0F, 0x0D);

    /// <summary>vzeroupper: code with legacy SSE instructions that follows is not slowed down.</summary>
    public void ZeroUpper() => code.AddRange([0xC5, 0xF8, 0x77]);

    /// <summary>vmovups zmm, m512.</summary>
    public void LoadVector(int to, Address from) => Evex(Map0F, NoPrefix, 0x10, to, 0, from, Vector);

    /// <summary>vmovups m512, zmm.</summary>
    public void StoreVector(Address to, int from) => Evex(Map0F, NoPrefix, 0x11, from, 0, to, Vector);

    /// <summary>vbroadcastss zmm, m32.</summary>
    public void Broadcast(int to, Address from) => Evex(Map0F38, Prefix66, 0x18, to, 0, from, Element);

    /// <summary>vpxord zmm, zmm, zmm of one register with itself.</summary>
    public void Zero(int register) => Evex(Map0F, Prefix66, 0xEF, register, register, register);

    /// <summary>vdpbf16ps zmm, zmm, zmm: sum[i] += a[2i + 1] · b[2i + 1] + a[2i] · b[2i], factors bfloat16, sums float32.</summary>
    public void DotBfloat16(int sum, int a, int b) => Evex(Map0F38, PrefixF3, 0x52, sum, a, b);

    /// <summary>vdpbf16ps zmm, zmm, m32{1to16}: the second factor is one pair for all sums.</summary>
    public void DotBfloat16(int sum, int a, Address pair) => Evex(Map0F38, PrefixF3, 0x52, sum, a, pair, Element, broadcast: true);

    private static byte Rex(bool wide, int reg, int index, int rm) => (byte)(0x40 | (wide ? 8 : 0) | (reg >> 3 << 2) | (index >> 3 << 1) | (rm >> 3));

    private void Legacy(Register reg, Address memory, bool wide, params ReadOnlySpan<byte> opcode)
    {
        code.Add(Rex(wide, (int)reg, (int)(memory.Index ?? 0), (int)memory.Base));
        code.AddRange(opcode);
        Memory((int)reg, memory, 1);
    }

    private void Evex(int map, int prefix, byte opcode, int reg, int source, int rm)
    {
        // Without memory, the bit of an index extends rm to 32 registers.
        Prefix(map, prefix, reg, source, rm >> 4, rm >> 3, broadcast: false);
        code.Add(opcode);
        Registers(reg, rm);
    }

    private void Evex(int map, int prefix, byte opcode, int reg, int source, Address memory, int unit, bool broadcast = false)
    {
        Prefix(map, prefix, reg, source, (int)(memory.Index ?? 0) >> 3, (int)memory.Base >> 3, broadcast);
        code.Add(opcode);
        Memory(reg, memory, unit);
    }

    /// <summary>The four bytes of an EVEX prefix for 512 bits without a mask; it holds the high bits of register numbers inverted.</summary>
    private void Prefix(int map, int prefix, int reg, int source, int x, int b, bool broadcast)
    {
        code.Add(0x62);
        code.Add((byte)((Not(reg >> 3) << 7) | (Not(x) << 6) | (Not(b) << 5) | (Not(reg >> 4) << 4) | map));
        code.Add((byte)(((~source & 15) << 3) | 4 | prefix));
        code.Add((byte)(0x40 | (broadcast ? 0x10 : 0) | (Not(source >> 4) << 3)));
    }

    private static int Not(int bit) => ~bit & 1;

    private void Registers(int reg, int rm) => code.Add((byte)(0xC0 | ((reg & 7) << 3) | (rm & 7)));

    /// <summary>ModRM, SIB and displacement; the displacement is one byte that counts in <paramref name="unit"/>s.</summary>
    private void Memory(int reg, Address memory, int unit)
    {
        var (steps, rest) = Math.DivRem(memory.Displacement, unit);
        if (rest != 0 || steps is < sbyte.MinValue or > sbyte.MaxValue)
        {
            throw new ArgumentException($"A displacement of {memory.Displacement} does not fit one byte in units of {unit}.", nameof(memory));
        }

        // 5 (rbp) without displacement means another mode, 4 (rsp) asks for a SIB byte.
        var low = (int)memory.Base & 7;
        var hasDisplacement = steps != 0 || low == 5;
        var hasSib = memory.Index is not null || low == 4;
        code.Add((byte)((hasDisplacement ? 0x40 : 0) | ((reg & 7) << 3) | (hasSib ? 4 : low)));
        if (hasSib)
        {
            var index = (int)(memory.Index ?? Register.Rsp) & 7;
            code.Add((byte)((BitOperations.Log2((uint)memory.Scale) << 6) | (index << 3) | low));
        }

        if (hasDisplacement)
        {
            code.Add((byte)steps);
        }
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        code.AddRange(bytes);
    }
}
