using System.Numerics;
using Graph.Ptx.Binding;
using Graph.Ptx.Machine;

namespace Graph.Ptx.Forms;

/// <summary>A value from up to three values, each lane for itself.</summary>
/// <param name="operands">The destination, then sources.</param>
/// <param name="width">Bits of the destination that are kept.</param>
/// <param name="function">Of the sources; absent ones are 0.</param>
internal sealed class Compute(Operand[] operands, int width, Func<ulong, ulong, ulong, ulong> function) : Instruction
{
    private readonly int to = operands[0].Row;
    private readonly int first = Source(operands, 1);
    private readonly int second = Source(operands, 2);
    private readonly int third = Source(operands, 3);
    private readonly ulong kept = width == 64 ? ulong.MaxValue : (1UL << width) - 1;

    public override void Execute(Warp warp, uint mask)
    {
        var d = warp.Row(to);
        var a = warp.Row(first);
        var b = warp.Row(second);
        var c = warp.Row(third);
        if (mask == uint.MaxValue)
        {
            for (var lane = 0; lane < Warp.Width; lane++)
            {
                d[lane] = function(a[lane], b[lane], c[lane]) & kept;
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = function(a[lane], b[lane], c[lane]) & kept;
        }
    }

    /// <summary>Row 0 of a register file is 0.</summary>
    private static int Source(Operand[] operands, int index) => index < operands.Length ? operands[index].Row : 0;
}

/// <summary>What a lane does by itself.</summary>
/// <param name="work">Of one lane.</param>
internal sealed class EachLane(Action<Warp, int> work) : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            work(warp, BitOperations.TrailingZeroCount(mask));
        }
    }
}

/// <summary>What a warp does together.</summary>
/// <param name="work">Of the lanes of a mask.</param>
internal sealed class WholeWarp(Action<Warp, uint> work) : Instruction
{
    public override void Execute(Warp warp, uint mask) => work(warp, mask);
}
