using Graph.Execution;

namespace Graph.Operators;

/// <summary>What the two cross-entropies share.</summary>
internal static partial class LabelLoss
{
    /// <summary>Label of a masked position (trm.md 2.1).</summary>
    public const int Ignore = -100;

    /// <summary>Loss, exactness and accuracy of one sample.</summary>
    public static void Forward<TRule>(long unit, Ref logits, IntRef labels, Ref loss, Ref exact, Ref accuracy, int n, int v)
        where TRule : struct, ILogProbability
    {
        double total = 0;
        int count = 0;
        int right = 0;
        for (int i = 0; i < n; i++)
        {
            int label = labels[unit * n + i];
            if (label == Ignore)
            {
                continue;
            }

            Ref row = logits + (unit * n + i) * v;
            total -= TRule.LogProbability(row, v, label);
            right += ArgMax(row, v) == label ? 1 : 0;
            count++;
        }

        loss[unit] = (float)(total / Math.Max(count, 1));
        exact[unit] = right == count ? 1 : 0;
        accuracy[unit] = (float)right / Math.Max(count, 1);
    }

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
