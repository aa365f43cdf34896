using Graph.Ptx.Machine;

namespace Graph.Ptx.Binding;

/// <summary>An instruction ready to run.</summary>
internal abstract class Instruction
{
    public int Line { get; private set; }

    public string Text { get; private set; } = "";

    /// <summary>The row of the predicate that guards it; -1 for none.</summary>
    public int Guard { get; private set; } = -1;

    public bool Negated { get; private set; }

    public void Place(int line, string text, int guard, bool negated)
    {
        Line = line;
        Text = text;
        Guard = guard;
        Negated = negated;
    }

    /// <summary>Does the work of the lanes in <paramref name="mask"/>, at least one.</summary>
    public abstract void Execute(Warp warp, uint mask);
}

/// <summary>An instruction after which lanes do not simply go on; the warp itself runs it.</summary>
internal abstract class FlowInstruction : Instruction
{
    public sealed override void Execute(Warp warp, uint mask) => throw new InvalidOperationException("The warp runs what changes its flow.");
}

/// <summary><c>bra</c>, and <c>brx.idx</c> with several targets.</summary>
/// <param name="targets">Indices of instructions.</param>
/// <param name="index">Row of the index of the target; -1 if there is one target.</param>
/// <param name="uniform">All lanes go the same way, or the text is wrong.</param>
internal sealed class Branch(int[] targets, int index, bool uniform) : FlowInstruction
{
    public int[] Targets => targets;

    public int Index => index;

    public bool Uniform => uniform;

    /// <summary>Where lanes that part here meet again: the immediate post-dominator.</summary>
    public int Join { get; set; }
}

/// <summary><c>ret</c> and <c>exit</c>.</summary>
internal sealed class Exit : FlowInstruction;

/// <summary><c>bar.sync 0</c>.</summary>
internal sealed class GroupBarrier : FlowInstruction;
