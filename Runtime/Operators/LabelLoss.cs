using Graph.Execution;

namespace Graph.Operators;

/// <summary>What the two cross-entropies share.</summary>
internal static class LabelLoss
{
    /// <summary>Label of a masked position (trm.md 2.1).</summary>
    public const int Ignore = -100;

    /// <summary>Unmasked positions.</summary>
    public static int Count(IntRef labels, int n)
    {
        int count = 0;
        for (int i = 0; i < n; i++)
        {
            count += labels[i] == Ignore ? 0 : 1;
        }

        return count;
    }

    /// <summary>The lowest index of the largest value.</summary>
    public static int ArgMax(Ref row, int v)
    {
        int best = 0;
        for (int k = 1; k < v; k++)
        {
            best = row[k] > row[best] ? k : best;
        }

        return best;
    }
}
