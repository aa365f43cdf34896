using Graph.Execution;

namespace Graph.Operators;

/// <summary>y = 0.707106781 (x + sqrt(c) Pos): after <see cref="Embed"/> this is trm.md 1.3 with pos=learned.</summary>
[Operator("x: b t c -> y: b t c")]
[Parameter("embedding_weight: t c", Init.TruncatedNormal, "c")]
[Cost("2*b*t*c")]
public readonly partial struct LearnedPositions : ITileOperator
{
    private const float Half = 0.707106781f;

    [Launch(Pass.Forward, "b", Gpu = true)]
    public static void Forward(in Worker worker, long unit, Ref x, Ref embedding_weight, Ref y, int t, int c)
    {
        if (worker.Gpu is { } gpu)
        {
            ForwardOnGpu(gpu, worker.Units, x, embedding_weight, y, t, c);
            return;
        }

        float scale = MathF.Sqrt(c);
        long count = (long)t * c;
        for (long i = 0; i < count; i++)
        {
            y[unit * count + i] = Half * (x[unit * count + i] + scale * embedding_weight[i]);
        }
    }

    [Launch(Pass.Backward, "b", Gpu = true)]
    public static void BackwardInput(in Worker worker, long unit, Ref dx, Ref dy, int t, int c)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardInputOnGpu(gpu, worker.Units, dx, dy, t, c);
            return;
        }

        long count = (long)t * c;
        for (long i = 0; i < count; i++)
        {
            dx[unit * count + i] = Half * dy[unit * count + i];
        }
    }

    /// <summary>One unit a position; samples are added in order.</summary>
    [Launch(Pass.Backward, "t", 1, Gpu = true)]
    public static void BackwardPositions(in Worker worker, long unit, Ref dy, Ref dembedding_weight, long batch, int t, int c)
    {
        if (worker.Gpu is { } gpu)
        {
            PartialSums.AddTo(gpu, dembedding_weight, dy, batch, checked(t * c), Half * MathF.Sqrt(c));
            return;
        }

        float scale = Half * MathF.Sqrt(c);
        Ref gradient = dembedding_weight + unit * c;
        for (long b = 0; b < batch; b++)
        {
            Ref row = dy + (b * t + unit) * c;
            for (int k = 0; k < c; k++)
            {
                gradient[k] += scale * row[k];
            }
        }
    }
}

/// <summary>Places <see cref="LearnedPositions"/>.</summary>
public sealed class LearnedPositionsAttribute(string? from = null, string? name = null) : OperatorAttribute<LearnedPositions>
{
    public string? From => from;

    public string? Name => name;
}
