using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// Cross-entropy over stablemax: p_k = s(l_k) / Σ s(l_j) with s(l) = l + 1 for l ≥ 0, 1 / (1 - l + 1e-30) below.
/// Per sample: <c>loss</c> = mean of -ln p[label] over unmasked positions (label -100 is masked), <c>exact</c> = 1 if every
/// unmasked argmax (lowest index) is right, <c>accuracy</c> = fraction right. Without unmasked positions: 0, 1, 0.
/// float64 inside; one unit a sample (trm.md 2.2, 2.3).
/// </summary>
[Operator("logits: b n v, labels: b n -> loss: b, exact: b, accuracy: b")]
[Cost("6*b*n*v")]
public readonly partial struct StablemaxCrossEntropy : ITileOperator, ILogProbability
{
    [Launch(Pass.Forward, "b", Gpu = true)]
    public static void Forward(in Worker worker, long unit, Ref logits, IntRef labels, Ref loss, Ref exact, Ref accuracy, int n, int v)
    {
        if (worker.Gpu is { } gpu)
        {
            LabelLoss.ForwardOnGpu<StablemaxCrossEntropy>(gpu, worker.Units, logits, labels, loss, exact, accuracy, n, v);
            return;
        }

        LabelLoss.Forward<StablemaxCrossEntropy>(unit, logits, labels, loss, exact, accuracy, n, v);
    }

    [Launch(Pass.Backward, "b", Gpu = true)]
    public static void Backward(in Worker worker, long unit, Ref logits, IntRef labels, Ref dloss, Ref dlogits, int n, int v)
    {
        if (worker.Gpu is { } gpu)
        {
            LabelLoss.BackwardOnGpu(gpu, BackwardKernel, worker.Units, logits, labels, dloss, dlogits, n, v);
            return;
        }

        int count = LabelLoss.Count(labels + unit * n, n);
        double scale = dloss[unit] / (double)Math.Max(count, 1);
        for (int i = 0; i < n; i++)
        {
            int label = labels[unit * n + i];
            Ref row = logits + (unit * n + i) * v;
            Ref gradient = dlogits + (unit * n + i) * v;
            if (label == LabelLoss.Ignore)
            {
                gradient.Span(v).Clear();
                continue;
            }

            // d(-ln p)/dl_k = s'(l_k) (1 / Σ s - [k = label] / s(l_label)); s' = 1 or s² below zero.
            double inverse = 1 / Sum(row, v);
            for (int k = 0; k < v; k++)
            {
                double s = S(row[k]);
                double slope = row[k] >= 0 ? 1 : s * s;
                gradient[k] = (float)(scale * slope * (inverse - (k == label ? 1 / s : 0)));
            }
        }
    }

    private static double S(double l) => l >= 0 ? l + 1 : 1 / (1 - l + 1e-30);

    static double ILogProbability.LogProbability(Ref row, int v, int label) => Math.Log(S(row[label]) / Sum(row, v));

    private static double Sum(Ref row, int v)
    {
        double sum = 0;
        for (int k = 0; k < v; k++)
        {
            sum += S(row[k]);
        }

        return sum;
    }
}

/// <summary>Places <see cref="StablemaxCrossEntropy"/>; <paramref name="with"/> names the labels.</summary>
public sealed class StablemaxCrossEntropyAttribute(string with, string? from = null) : OperatorAttribute<StablemaxCrossEntropy>
{
    public string With => with;

    public string? From => from;
}
