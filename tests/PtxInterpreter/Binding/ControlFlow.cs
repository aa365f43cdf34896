namespace Graph.Ptx.Binding;

/// <summary>
/// Where lanes that part at a branch meet again: its immediate post-dominator, where the hardware's compiler too puts the meeting. Without
/// it a barrier behind an <c>if</c> would look divergent.
/// </summary>
internal static class ControlFlow
{
    /// <summary>Sets the join of every branch of a kernel.</summary>
    public static void Join(Instruction[] code)
    {
        var starts = Starts(code);
        var exit = starts.Length;
        var successors = new List<int>[exit];
        var predecessors = Enumerable.Range(0, exit + 1).Select(_ => new List<int>()).ToArray();
        for (var block = 0; block < exit; block++)
        {
            successors[block] = Successors(code, starts, block);
            foreach (var next in successors[block])
            {
                predecessors[next].Add(block);
            }
        }

        var order = PostOrder(predecessors, exit);
        var joins = Dominators(successors, predecessors, order, exit);
        for (var block = 0; block < exit; block++)
        {
            if (code[End(starts, block, code.Length) - 1] is Branch branch)
            {
                // A loop without an end joins nowhere, that is behind the last instruction.
                branch.Join = joins[block] < 0 || joins[block] == exit ? code.Length : starts[joins[block]];
            }
        }
    }

    private static int[] Starts(Instruction[] code)
    {
        var starts = new SortedSet<int> { 0 };
        for (var i = 0; i < code.Length; i++)
        {
            if (code[i] is Branch branch)
            {
                starts.UnionWith(branch.Targets);
            }

            if (code[i] is Branch or Exit)
            {
                starts.Add(i + 1);
            }
        }

        starts.Remove(code.Length);
        return [.. starts];
    }

    private static int End(int[] starts, int block, int length) => block + 1 < starts.Length ? starts[block + 1] : length;

    private static List<int> Successors(Instruction[] code, int[] starts, int block)
    {
        var end = End(starts, block, code.Length);
        var last = end > 0 ? code[end - 1] : null;
        var next = new List<int>();
        if (last is Branch branch)
        {
            next.AddRange(branch.Targets.Select(target => Block(starts, target)));
        }

        if (last is Exit)
        {
            next.Add(starts.Length);
        }

        // What is not guarded and jumps does not go on.
        if (last is not (Exit or Branch) || last.Guard >= 0)
        {
            next.Add(Block(starts, end));
        }

        return next;
    }

    /// <summary>The block that starts at an instruction; the one after the last for the end.</summary>
    private static int Block(int[] starts, int instruction) => Array.BinarySearch(starts, instruction) is >= 0 and var found ? found : starts.Length;

    /// <summary>Blocks from the exit backward, each after all that lead away from it.</summary>
    private static List<int> PostOrder(List<int>[] predecessors, int exit)
    {
        var order = new List<int>();
        var seen = new bool[exit + 1];
        var stack = new Stack<(int Block, int Next)>();
        stack.Push((exit, 0));
        seen[exit] = true;
        while (stack.TryPop(out var top))
        {
            if (top.Next == predecessors[top.Block].Count)
            {
                order.Add(top.Block);
                continue;
            }

            stack.Push((top.Block, top.Next + 1));
            var next = predecessors[top.Block][top.Next];
            if (!seen[next])
            {
                seen[next] = true;
                stack.Push((next, 0));
            }
        }

        return order;
    }

    /// <summary>Immediate dominators of the reversed graph (Cooper, Harvey and Kennedy); -1 where the exit is out of reach.</summary>
    private static int[] Dominators(List<int>[] successors, List<int>[] predecessors, List<int> order, int exit)
    {
        var rank = new int[exit + 1];
        Array.Fill(rank, -1);
        for (var i = 0; i < order.Count; i++)
        {
            rank[order[i]] = i;
        }

        var dominators = new int[predecessors.Length];
        Array.Fill(dominators, -1);
        dominators[exit] = exit;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = order.Count - 2; i >= 0; i--)
            {
                var block = order[i];
                var meet = -1;
                foreach (var next in successors[block].Where(next => dominators[next] >= 0))
                {
                    meet = meet < 0 ? next : Meet(dominators, rank, meet, next);
                }

                changed |= dominators[block] != meet;
                dominators[block] = meet;
            }
        }

        return dominators;
    }

    private static int Meet(int[] dominators, int[] rank, int a, int b)
    {
        while (a != b)
        {
            if (rank[a] < rank[b])
            {
                a = dominators[a];
            }
            else
            {
                b = dominators[b];
            }
        }

        return a;
    }
}
