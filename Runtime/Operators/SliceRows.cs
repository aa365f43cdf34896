using Graph.Execution;

namespace Graph.Operators;

/// <summary>Copies rows <c>first .. first+n-1</c> of each sample; the other rows get zero gradient. One unit a sample.</summary>
[Operator("x: b t c -> y: b n c")]
[Cost("b*n*c")]
public readonly partial struct SliceRows : ITileOperator
{
    [Launch(Pass.Forward, "b", Gpu = true, Bfloat16 = "x y")]
    public static void Forward(in Worker worker, long unit, Ref x, Ref y, int t, int c, int first, int n)
    {
        if (worker.Gpu is { } gpu)
        {
            ForwardOnGpu(gpu, worker.Units, x, y, t, c, first, n);
            return;
        }

        long count = (long)n * c;
        (x + (unit * t + first) * c).Span(count).CopyTo((y + unit * count).Span(count));
    }

    [Launch(Pass.Backward, "b", Gpu = true, Bfloat16 = "dx dy")]
    public static void Backward(in Worker worker, long unit, Ref dx, Ref dy, int t, int c, int first, int n)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardOnGpu(gpu, worker.Units, dx, dy, t, c, first, n);
            return;
        }

        long count = (long)n * c;
        Ref sample = dx + unit * t * c;
        sample.Span((long)first * c).Clear();
        (dy + unit * count).Span(count).CopyTo((sample + (long)first * c).Span(count));
        (sample + (long)(first + n) * c).Span((long)(t - first - n) * c).Clear();
    }
}

/// <summary>Places <see cref="SliceRows"/>: <paramref name="n"/> rows from <paramref name="first"/> on.</summary>
public sealed class RowsAttribute(string first, string n, string? from = null) : OperatorAttribute<SliceRows>
{
    public string First => first;

    public string N => n;

    public string? From => from;
}
