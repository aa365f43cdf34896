using System.Numerics;
using System.Runtime.InteropServices;
using Graph.Ptx.Binding;

namespace Graph.Ptx.Machine;

/// <summary>
/// Thirty-two threads that run together. Where they part, a stack holds the parts and where they meet again, as the hardware's compiler
/// arranges it.
/// </summary>
internal sealed class Warp
{
    public const int Width = 32;

    /// <summary>What registers hold before they are written: not a number, and as an index out of every bound.</summary>
    private const ulong Unwritten = 0x7FFF_FFFF_7FFF_FFFF;

    private readonly Instruction[] code;
    private readonly ulong[] registers;
    private readonly AsyncCopies[] copies = new AsyncCopies[Width];
    private readonly List<Part> parts = [];
    private readonly uint launched;

    public Warp(Group group, int index)
    {
        Group = group;
        Index = index;
        code = group.Kernel.Code;
        registers = new ulong[group.Kernel.Registers.Count * Width];
        var lanes = Math.Min(Width, group.Threads - (index * Width));
        launched = lanes == Width ? uint.MaxValue : (1u << lanes) - 1;
    }

    public Group Group { get; }

    public int Index { get; }

    public Clock Clock => Group.Machine.Clock;

    /// <summary>Time of the last barrier of this warp alone.</summary>
    public int LastBarrier { get; private set; }

    /// <summary>The barrier at which the warp waits; null when it runs or has ended.</summary>
    public GroupBarrier? Waiting { get; private set; }

    /// <summary>Index in the group of a lane's thread.</summary>
    public int Thread(int lane) => (Index * Width) + lane;

    /// <summary>The lanes' values of a row.</summary>
    public Span<ulong> Row(int row) => registers.AsSpan(row * Width, Width);

    public AsyncCopies Copies(int lane) => copies[lane];

    public MemorySpace Memory(Space space) => space switch
    {
        Space.Parameter => Group.Parameters,
        Space.Global => Group.Machine.Global,
        Space.Shared => Group.Shared,
        _ => Group.Local,
    };

    /// <summary>The address that an operand gives to a lane.</summary>
    public ulong Address(Operand operand, int lane)
    {
        var address = registers[(operand.Row * Width) + lane] + (ulong)operand.Offset;
        return operand.Width == 32 ? (uint)address : address;
    }

    /// <summary>Makes the warp ready for another group.</summary>
    public void Reset()
    {
        Array.Fill(registers, Unwritten);
        foreach (var (value, row) in Group.Kernel.Registers.Literals)
        {
            Row(row).Fill(value);
        }

        foreach (var (name, row) in Group.Kernel.Registers.Specials)
        {
            for (var lane = 0; lane < Width; lane++)
            {
                Row(row)[lane] = Special(name, lane);
            }
        }

        for (var lane = 0; lane < Width; lane++)
        {
            copies[lane] = new();
        }

        LastBarrier = 0;
        parts.Clear();
        parts.Add(new(0, int.MaxValue, launched));
    }

    /// <summary>Runs to the next barrier or the end.</summary>
    public void Run()
    {
        Waiting = null;
        var at = 0;
        try
        {
            while (parts.Count > 0 && Waiting is null)
            {
                ref var part = ref CollectionsMarshal.AsSpan(parts)[^1];
                if (part.Lanes == 0 || part.Next == part.Join)
                {
                    parts.RemoveAt(parts.Count - 1);
                    continue;
                }

                at = part.Next;
                if (at >= code.Length)
                {
                    throw new PtxException("the kernel runs past its last instruction");
                }

                var instruction = code[at];
                Group.Machine.Executed += BitOperations.PopCount(part.Lanes);
                var mask = instruction.Guard < 0 ? part.Lanes : Guarded(instruction, part.Lanes);
                if (instruction is FlowInstruction)
                {
                    Flow(instruction, ref part, mask);
                    continue;
                }

                part.Next++;
                if (mask != 0)
                {
                    instruction.Execute(this, mask);
                }
            }
        }
        catch (PtxException error)
        {
            var place = at < code.Length ? code[at] : null;
            throw new PtxException($"{error.Message}\n  at line {place?.Line} [{place?.Text}] of {Group.Kernel.Name}, group {Group.Index}, warp {Index}", error);
        }
    }

    /// <summary>Requires that all threads of the warp do this together.</summary>
    public void Together(uint mask, bool full, string what)
    {
        if (mask != launched)
        {
            throw new PtxException($"divergence: {what} by lanes {mask:x8} of {launched:x8}");
        }

        if (full && mask != uint.MaxValue)
        {
            throw new PtxException($"{what} needs a warp of {Width} threads");
        }
    }

    /// <summary>The threads of the warp met: what they did before is ordered before what they do after.</summary>
    public void Meet() => LastBarrier = Clock.Tick();

    private void Flow(Instruction instruction, ref Part part, uint mask)
    {
        switch (instruction)
        {
            case GroupBarrier barrier:
                Together(mask, false, "barrier");
                part.Next++;
                Waiting = barrier;
                break;
            case Exit:
                part.Next++;
                foreach (ref var each in CollectionsMarshal.AsSpan(parts))
                {
                    each.Lanes &= ~mask;
                }

                break;
            case Branch { Index: >= 0 } table:
                Switch(table, ref part);
                break;
            case Branch branch:
                Go(branch, ref part, mask);
                break;
        }
    }

    private void Go(Branch branch, ref Part part, uint taken)
    {
        var stay = part.Lanes & ~taken;
        if (stay == 0 || taken == 0)
        {
            part.Next = stay == 0 ? branch.Targets[0] : part.Next + 1;
            return;
        }

        if (branch.Uniform)
        {
            throw new PtxException($"bra.uni diverges: lanes {taken:x8} of {part.Lanes:x8} take it");
        }

        var next = part.Next + 1;
        part.Next = branch.Join;
        parts.Add(new(next, branch.Join, stay));
        parts.Add(new(branch.Targets[0], branch.Join, taken));
    }

    private void Switch(Branch table, ref Part part)
    {
        var lanes = part.Lanes;
        var index = Row(table.Index);
        var groups = new List<Part>();
        while (lanes != 0)
        {
            var which = index[BitOperations.TrailingZeroCount(lanes)];
            if (which >= (ulong)table.Targets.Length)
            {
                throw new PtxException($"branch index {which} of {table.Targets.Length} targets");
            }

            var same = 0u;
            for (var lane = 0; lane < Width; lane++)
            {
                same |= ((lanes >> lane) & 1) != 0 && index[lane] == which ? 1u << lane : 0;
            }

            groups.Add(new(table.Targets[which], table.Join, same));
            lanes &= ~same;
        }

        if (groups.Count == 1)
        {
            part.Next = groups[0].Next;
            return;
        }

        if (table.Uniform)
        {
            throw new PtxException("brx.idx.uni diverges");
        }

        part.Next = table.Join;
        parts.AddRange(groups);
    }

    private uint Guarded(Instruction instruction, uint lanes)
    {
        var row = Row(instruction.Guard);
        var mask = 0u;
        for (var lane = 0; lane < Width; lane++)
        {
            mask |= row[lane] != 0 ? 1u << lane : 0;
        }

        return lanes & (instruction.Negated ? ~mask : mask);
    }

    private ulong Special(string name, int lane) => (ulong)(name switch
    {
        "%tid.x" => Thread(lane),
        "%ntid.x" => Group.Threads,
        "%ctaid.x" => Group.Index,
        "%nctaid.x" => Group.Groups,
        "%laneid" => lane,
        "%warpid" => Index,
        "%ntid.y" or "%ntid.z" or "%nctaid.y" or "%nctaid.z" => 1,
        _ => 0,
    });

    /// <summary>Lanes that run together until they join others.</summary>
    private record struct Part(int Next, int Join, uint Lanes);
}
