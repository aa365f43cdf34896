using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// Rotary positions, half-split, on the q and k thirds of x; v is copied (trm.md 1.2). Angle of pair i at position τ is
/// τ 10000^(-2i/hd), hd = c / heads, τ = row mod t: puzzle slots count. Backward is the transposed rotation.
/// </summary>
[Operator("x: b t 3*c -> y: b t 3*c")]
[Cost("6*b*t*c")]
public readonly partial struct Rope : ITileOperator
{
    [Launch(Pass.Forward, "rows", Gpu = true, TakesProduct = "x", Bfloat16 = "x y")]
    public static void Forward(in Worker worker, long row, int rows, Ref x, int xStride, Ref y, int yStride, int t, int c, int heads) =>
        Rotate(worker, row, rows, x, xStride, y, yStride, t, c, heads, 1);

    [Launch(Pass.Backward, "rows", Gpu = true, Bfloat16 = "dx dy")]
    public static void Backward(in Worker worker, long row, int rows, Ref dx, int dxStride, Ref dy, int dyStride, int t, int c, int heads) =>
        Rotate(worker, row, rows, dy, dyStride, dx, dxStride, t, c, heads, -1);

    private static void Rotate(in Worker worker, long row, int rows, Ref source, int sourceStride, Ref target, int targetStride, int t, int c, int heads, float sign)
    {
        if (worker.Gpu is { } gpu)
        {
            Rotate(gpu, rows, source, sourceStride, target, targetStride, t, c, heads, sign);
            return;
        }

        switch (LaneWidth.For(worker, c / heads / 2))
        {
            case 16: Rotate<V512>(row, rows, source, sourceStride, target, targetStride, t, c, heads, sign); break;
            case 8: Rotate<V256>(row, rows, source, sourceStride, target, targetStride, t, c, heads, sign); break;
            case 4: Rotate<V128>(row, rows, source, sourceStride, target, targetStride, t, c, heads, sign); break;
            default: Rotate<F32>(row, rows, source, sourceStride, target, targetStride, t, c, heads, sign); break;
        }
    }

    private static void Rotate<V>(long row, int rows, Ref source, int sourceStride, Ref target, int targetStride, int t, int c, int heads, float sign)
        where V : struct, ISimdLane<V>
    {
        int hd = c / heads;
        int half = hd / 2;
        Ref table = RopeTable.Get(t, hd);
        V direction = V.Of(sign);
        for (long r = row; r < row + rows; r++)
        {
            Ref from = source + r * sourceStride;
            Ref to = target + r * targetStride;
            Ref cosines = table + r % t * hd;
            Ref sines = cosines + half;
            for (int head = 0; head < 2 * heads; head++)
            {
                Ref a = from + (long)head * hd;
                Ref b = to + (long)head * hd;
                for (int i = 0; i < half; i += V.Width)
                {
                    V low = V.Load(a, i), high = V.Load(a, i + half), cos = V.Load(cosines, i), sin = direction * V.Load(sines, i);
                    V.Store(low * cos - high * sin, b, i);
                    V.Store(high * cos + low * sin, b, i + half);
                }
            }

            (from + 2L * c).Span(c).CopyTo((to + 2L * c).Span(c));
        }
    }
}

/// <summary>Places <see cref="Rope"/>.</summary>
public sealed class RopeAttribute(string heads, string? from = null) : OperatorAttribute<Rope>
{
    public string Heads => heads;

    public string? From => from;
}
