using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// Cross-entropy over softmax.
/// Per sample: <c>loss</c> = mean of -ln p[label] over unmasked positions (label -100 is masked), <c>exact</c> = 1 if every
/// unmasked argmax (lowest index) is right, <c>accuracy</c> = fraction right. Without unmasked positions: 0, 1, 0.
/// float64 inside; one unit a sample (trm.md 2.2, 2.3).
/// </summary>
[Operator("logits: b n v, labels: b n -> loss: b, exact: b, accuracy: b")]
[Cost("6*b*n*v")]
public readonly partial struct SoftmaxCrossEntropy : ITileOperator, ILogProbability
{
    [Launch(Pass.Forward, "b", Gpu = true)]
    public static void Forward(in Worker worker, long unit, Ref logits, IntRef labels, Ref loss, Ref exact, Ref accuracy, int n, int v)
    {
        if (worker.Gpu is { } gpu)
        {
            LabelLoss.ForwardOnGpu<SoftmaxCrossEntropy>(gpu, worker.Units, logits, labels, loss, exact, accuracy, n, v);
            return;
        }

        LabelLoss.Forward<SoftmaxCrossEntropy>(unit, logits, labels, loss, exact, accuracy, n, v);
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

            double logSum = LogSum(row, v);
            for (int k = 0; k < v; k++)
            {
                gradient[k] = (float)(scale * (Math.Exp(row[k] - logSum) - (k == label ? 1 : 0)));
            }
        }
    }

    static double ILogProbability.LogProbability(Ref row, int v, int label) => row[label] - LogSum(row, v);

    private static double LogSum(Ref row, int v)
    {
        double max = row[LabelLoss.ArgMax(row, v)];
        double sum = 0;
        for (int k = 0; k < v; k++)
        {
            sum += Math.Exp(row[k] - max);
        }

        return max + Math.Log(sum);
    }
}

/// <summary>Places <see cref="SoftmaxCrossEntropy"/>; <paramref name="with"/> names the labels.</summary>
public sealed class SoftmaxCrossEntropyAttribute(string with, string? from = null) : OperatorAttribute<SoftmaxCrossEntropy>
{
    public string With => with;

    public string? From => from;
}
