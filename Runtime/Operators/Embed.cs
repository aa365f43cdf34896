using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// y = sqrt(c) concat(puzzle zero-padded to p rows, E[tokens]) with t = p + s (trm.md 1.3). The gradient of E is summed
/// over samples and positions in order, in parallel over blocks of 16 columns.
/// </summary>
[Operator("tokens: b s, puzzle: b q -> y: b t c")]
[Parameter("embedding_weight: v c", Init.TruncatedNormal, "c")]
[Cost("b*t*c")]
public readonly partial struct Embed : ITileOperator
{
    private const int Columns = 16;

    [Launch(Pass.Forward, "b", Gpu = true)]
    public static void Forward(in Worker worker, long unit, IntRef tokens, Ref puzzle, Ref embedding_weight, Ref y, int s, int q, int t, int c, int p)
    {
        if (worker.Gpu is { } gpu)
        {
            ForwardOnGpu(gpu, worker.Units, tokens, puzzle, embedding_weight, y, s, q, t, c, p);
            return;
        }

        float scale = MathF.Sqrt(c);
        Ref sample = y + unit * t * c;
        long slots = (long)p * c;
        for (long i = 0; i < slots; i++)
        {
            sample[i] = i < q ? scale * puzzle[unit * q + i] : 0;
        }

        for (int i = 0; i < s; i++)
        {
            Ref row = sample + (p + (long)i) * c;
            Ref embedding = embedding_weight + (long)tokens[unit * s + i] * c;
            for (int k = 0; k < c; k++)
            {
                row[k] = scale * embedding[k];
            }
        }
    }

    [Launch(Pass.Backward, "b", Gpu = true)]
    public static void BackwardPuzzle(in Worker worker, long unit, Ref dy, Ref dpuzzle, int q, int t, int c, int p)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardPuzzleOnGpu(gpu, worker.Units, dy, dpuzzle, q, t, c, p);
            return;
        }

        float scale = MathF.Sqrt(c);
        for (long i = 0; i < q; i++)
        {
            dpuzzle[unit * q + i] = i < (long)p * c ? scale * dy[unit * t * c + i] : 0;
        }
    }

    [Launch(Pass.Backward, "(c+15)/16", 1, Gpu = true)]
    public static void BackwardTokens(in Worker worker, long unit, IntRef tokens, Ref dy, Ref dembedding_weight, long batch, int s, int t, int c, int p, int v)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardTokensOnGpu(gpu, tokens, dy, dembedding_weight, batch, s, t, c, p, v);
            return;
        }

        float scale = MathF.Sqrt(c);
        long first = unit * Columns;
        long end = Math.Min(first + Columns, c);
        for (long b = 0; b < batch; b++)
        {
            for (int i = 0; i < s; i++)
            {
                Ref gradient = dembedding_weight + (long)tokens[b * s + i] * c;
                Ref row = dy + (b * t + p + i) * c;
                for (long k = first; k < end; k++)
                {
                    gradient[k] += scale * row[k];
                }
            }
        }
    }
}

/// <summary>Places <see cref="Embed"/>: dims <paramref name="t"/>, <paramref name="c"/>, vocabulary <paramref name="v"/>, puzzle slots <paramref name="p"/>; <paramref name="with"/> is the puzzle vector.</summary>
public sealed class EmbedAttribute(string t, string c, string v, string p, string? from = null, string? with = null, string? name = null) : OperatorAttribute<Embed>
{
    public string T => t;

    public string C => c;

    public string V => v;

    public string P => p;

    public string? From => from;

    public string? With => with;

    public string? Name => name;
}
