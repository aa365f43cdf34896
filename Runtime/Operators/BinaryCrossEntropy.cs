using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// loss = softplus(l) - target l on logit <c>l = x[column]</c> (trm.md 2.3); dl = dloss (σ(l) - target).
/// The other columns get zero gradient. float64 inside; one unit a sample.
/// </summary>
[Operator("x: b 1 k, target: b -> loss: b")]
[Cost("10*b")]
public readonly partial struct BinaryCrossEntropy : ITileOperator
{
    [Launch(Pass.Forward, "b", Gpu = true)]
    public static void Forward(in Worker worker, long unit, Ref x, Ref target, Ref loss, int k, int column)
    {
        if (worker.Gpu is { } gpu)
        {
            ForwardOnGpu(gpu, worker.Units, x, target, loss, k, column);
            return;
        }

        double l = x[unit * k + column];
        double e = Math.Exp(-Math.Abs(l));
        // log1p by Kahan: exact to rounding also where e is below the precision of 1 + e.
        double t = 1 + e;
        double log1p = t == 1 ? e : Math.Log(t) * e / (t - 1);
        loss[unit] = (float)(Math.Max(l, 0) - l * target[unit] + log1p);
    }

    [Launch(Pass.Backward, "b", Gpu = true)]
    public static void Backward(in Worker worker, long unit, Ref x, Ref target, Ref dloss, Ref dx, int k, int column)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardOnGpu(gpu, worker.Units, x, target, dloss, dx, k, column);
            return;
        }

        (dx + unit * k).Span(k).Clear();
        double sigmoid = 1 / (1 + Math.Exp(-(double)x[unit * k + column]));
        dx[unit * k + column] = (float)(dloss[unit] * (sigmoid - target[unit]));
    }
}

/// <summary>Places <see cref="BinaryCrossEntropy"/>; <paramref name="with"/> is the target.</summary>
public sealed class BinaryCrossEntropyAttribute(string with, int column = 0, string? from = null) : OperatorAttribute<BinaryCrossEntropy>
{
    public string With => with;

    public int Column => column;

    public string? From => from;
}
