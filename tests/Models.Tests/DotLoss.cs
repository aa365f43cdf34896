using Graph.Execution;
using Graph.Operators;

namespace Graph.Models.Tests;

/// <summary>loss = Σ x w: its gradient of x is the given w, so a golden file's output gradient enters a model through it.</summary>
[Operator("x: b t c, w: b t c -> loss: b")]
[Cost("2*b*t*c")]
public readonly struct DotLoss : ITileOperator
{
    [Launch(Pass.Forward, "b")]
    public static void Forward(long unit, Ref x, Ref w, Ref loss, int t, int c)
    {
        double sum = 0;
        long count = (long)t * c;
        for (long i = unit * count; i < (unit + 1) * count; i++)
        {
            sum += (double)x[i] * w[i];
        }

        loss[unit] = (float)sum;
    }

    [Launch(Pass.Backward, "b")]
    public static void Backward(long unit, Ref w, Ref dloss, Ref dx, int t, int c)
    {
        long count = (long)t * c;
        for (long i = unit * count; i < (unit + 1) * count; i++)
        {
            dx[i] = dloss[unit] * w[i];
        }
    }
}

/// <summary>Places <see cref="DotLoss"/>; <paramref name="with"/> is the gradient that x gets.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class DotLossAttribute(string with, string? from = null) : OperatorAttribute<DotLoss>
{
    public string With => with;

    public string? From => from;
}
