using System.Runtime.CompilerServices;
using Graph.Execution;
using Graph.Lanes;

namespace Graph.Operators;

/// <summary>
/// y = silu(conv(x) + bias), depthwise, width w, causal (mamba2.md 1.3 step 1): conv[τ] = Σ_k weight[k] x[τ-(w-1)+k], zero
/// outside the sample. <c>direction</c> -1 reverses time: conv[τ] = Σ_k weight[k] x[τ+(w-1)-k].
/// </summary>
[Operator("x: b t c -> y: b t c")]
[Parameter("weight: c 1 w", Init.Uniform, "w")]
[Parameter("bias: c", Init.Uniform, "w")]
[Scratch("dconv: b t c")]
[Cost("2*b*t*c*w")]
public readonly partial struct CausalConvSiLU : ITileOperator
{
    private const int Columns = 64;

    /// <summary>Floats of worker scratch that a unit of any launch needs.</summary>
    public static long WorkerScratch(int c, int w) => Math.Max((long)c * w, (w + 1L) * Columns);

    [Launch(Pass.Forward, "rows", barrier: true, Gpu = true, Bfloat16 = "x y")]
    public static void Forward(in Worker worker, long row, int rows, Ref x, int xStride, Ref weight, Ref bias, Ref y, int yStride, int t, int c, int w, int direction)
    {
        if (worker.Gpu is { } gpu)
        {
            Forward(gpu, rows, x, xStride, weight, bias, y, yStride, t, c, w, direction);
            return;
        }

        if (TileMath.Divides(worker, 16, c))
        {
            Forward<V512>(worker, row, rows, x, xStride, weight, bias, y, yStride, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 8, c))
        {
            Forward<V256>(worker, row, rows, x, xStride, weight, bias, y, yStride, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 4, c))
        {
            Forward<V128>(worker, row, rows, x, xStride, weight, bias, y, yStride, t, c, w, direction);
        }
        else
        {
            Forward<F32>(worker, row, rows, x, xStride, weight, bias, y, yStride, t, c, w, direction);
        }
    }

    /// <summary>dconv = dy silu'(conv(x) + bias), one unit a sample; conv is recomputed. dx gathers dconv over the mirrored taps.</summary>
    [Launch(Pass.Backward, "b", Gpu = true, Bfloat16 = "x dy dx")]
    public static void BackwardInput(in Worker worker, long unit, Ref x, int xStride, Ref weight, Ref bias, Ref dy, Ref dx, int dxStride, Ref dconv, int t, int c, int w, int direction)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardInput(gpu, worker.Units * t, x, xStride, weight, bias, dy, dx, dxStride, dconv, t, c, w, direction);
            return;
        }

        if (TileMath.Divides(worker, 16, c))
        {
            BackwardInput<V512>(worker, unit, x, xStride, weight, bias, dy, dx, dxStride, dconv, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 8, c))
        {
            BackwardInput<V256>(worker, unit, x, xStride, weight, bias, dy, dx, dxStride, dconv, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 4, c))
        {
            BackwardInput<V128>(worker, unit, x, xStride, weight, bias, dy, dx, dxStride, dconv, t, c, w, direction);
        }
        else
        {
            BackwardInput<F32>(worker, unit, x, xStride, weight, bias, dy, dx, dxStride, dconv, t, c, w, direction);
        }
    }

    /// <summary>One unit a block of 64 channels; samples and positions are added in order.</summary>
    [Launch(Pass.Backward, "(c+63)/64", 1, Gpu = true, Bfloat16 = "x")]
    public static void BackwardParameters(in Worker worker, long unit, Ref x, int xStride, Ref dconv, Ref dweight, Ref dbias, long batch, int t, int c, int w, int direction)
    {
        if (worker.Gpu is { } gpu)
        {
            BackwardParameters(gpu, batch * t, x, xStride, dconv, dweight, dbias, t, c, w, direction);
            return;
        }

        int columns = (int)Math.Min(Columns, c - unit * Columns);
        if (TileMath.Divides(worker, 16, columns))
        {
            BackwardParameters<V512>(worker, unit, columns, x, xStride, dconv, dweight, dbias, batch, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 8, columns))
        {
            BackwardParameters<V256>(worker, unit, columns, x, xStride, dconv, dweight, dbias, batch, t, c, w, direction);
        }
        else if (TileMath.Divides(worker, 4, columns))
        {
            BackwardParameters<V128>(worker, unit, columns, x, xStride, dconv, dweight, dbias, batch, t, c, w, direction);
        }
        else
        {
            BackwardParameters<F32>(worker, unit, columns, x, xStride, dconv, dweight, dbias, batch, t, c, w, direction);
        }
    }

    private static void Forward<V>(in Worker worker, long row, int rows, Ref x, int xStride, Ref weight, Ref bias, Ref y, int yStride, int t, int c, int w, int direction)
        where V : struct, ISimdLane<V>
    {
        Ref taps = Taps(worker, weight, c, w);
        for (long r = row; r < row + rows; r++)
        {
            Ref output = y + r * yStride;
            (int first, int end, Ref from, long step) = Window((int)(r % t), x + r * xStride, xStride, t, w, direction);
            for (int j = 0; j < c; j += V.Width)
            {
                V.Store(default(SiLU).Forward(Convolve<V>(j, first, end, from, step, taps, bias, c)), output, j);
            }
        }
    }

    private static void BackwardInput<V>(in Worker worker, long unit, Ref x, int xStride, Ref weight, Ref bias, Ref dy, Ref dx, int dxStride, Ref dconv, int t, int c, int w, int direction)
        where V : struct, ISimdLane<V>
    {
        Ref taps = Taps(worker, weight, c, w);
        for (int i = 0; i < t; i++)
        {
            long r = unit * t + i;
            Ref gradient = dconv + r * c;
            (int first, int end, Ref from, long step) = Window(i, x + r * xStride, xStride, t, w, direction);
            for (int j = 0; j < c; j += V.Width)
            {
                V conv = Convolve<V>(j, first, end, from, step, taps, bias, c);
                V.Store(default(SiLU).Backward(conv, V.Zero, V.Load(dy, r * c + j)), gradient, j);
            }
        }

        for (int i = 0; i < t; i++)
        {
            long r = unit * t + i;
            Ref target = dx + r * dxStride;
            (int first, int end, Ref from, long step) = Window(i, dconv + r * c, c, t, w, -direction);
            for (int j = 0; j < c; j += V.Width)
            {
                V sum = V.Zero;
                for (int k = first; k < end; k++)
                {
                    sum = V.MulAdd(V.Load(taps, (long)k * c + j), V.Load(from, k * step + j), sum);
                }

                V.Store(sum, target, j);
            }
        }
    }

    private static void BackwardParameters<V>(in Worker worker, long unit, int columns, Ref x, int xStride, Ref dconv, Ref dweight, Ref dbias, long batch, int t, int c, int w, int direction)
        where V : struct, ISimdLane<V>
    {
        long first = unit * Columns;
        Ref sums = worker.Scratch(0, (w + 1L) * Columns);
        sums.Span((w + 1L) * Columns).Clear();
        for (long r = 0; r < batch * t; r++)
        {
            Ref gradient = dconv + (r * c + first);
            for (int j = 0; j < columns; j += V.Width)
            {
                V.Store(V.Load(sums, j) + V.Load(gradient, j), sums, j);
            }

            int i = (int)(r % t);
            for (int k = 0; k < w; k++)
            {
                int from = i - direction * (w - 1 - k);
                if (from >= 0 && from < t)
                {
                    AddProduct<V>(gradient, x + ((r - i + from) * xStride + first), sums + (k + 1L) * Columns, columns);
                }
            }
        }

        for (int j = 0; j < columns; j++)
        {
            dbias[first + j] += sums[j];
            for (int k = 0; k < w; k++)
            {
                dweight[(first + j) * w + k] += sums[(k + 1L) * Columns + j];
            }
        }
    }

    /// <summary>The weights as [w, c], so that a lane reads neighbouring channels.</summary>
    private static Ref Taps(in Worker worker, Ref weight, int c, int w)
    {
        Ref taps = worker.Scratch(0, (long)c * w);
        TileMath.Transpose(c, w, weight, w, taps, c);
        return taps;
    }

    /// <summary>The taps first .. end-1 that stay inside the sample at position <paramref name="i"/>; tap k reads <c>From + k Step</c>.</summary>
    private static (int First, int End, Ref From, long Step) Window(int i, Ref row, int stride, int t, int w, int direction)
    {
        int first = Math.Max(0, w - (direction > 0 ? i + 1 : t - i));
        return (first, w, row - (long)direction * (w - 1) * stride, (long)direction * stride);
    }

    /// <summary>The convolution of one lane of channels, in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Convolve<V>(int j, int first, int end, Ref from, long step, Ref taps, Ref bias, int c)
        where V : struct, ISimdLane<V>
    {
        V sum = V.Load(bias, j);
        for (int k = first; k < end; k++)
        {
            sum = V.MulAdd(V.Load(taps, (long)k * c + j), V.Load(from, k * step + j), sum);
        }

        return sum;
    }

    /// <summary>target += a ⊙ b.</summary>
    private static void AddProduct<V>(Ref a, Ref b, Ref target, int n)
        where V : struct, ISimdLane<V>
    {
        for (int j = 0; j < n; j += V.Width)
        {
            V.Store(V.MulAdd(V.Load(a, j), V.Load(b, j), V.Load(target, j)), target, j);
        }
    }
}

/// <summary>Places <see cref="CausalConvSiLU"/>: width <paramref name="w"/>, <paramref name="direction"/> +1 causal or -1 anti-causal.</summary>
public sealed class CausalConvSiLUAttribute(int w = 4, Direction direction = Direction.Forward, string? from = null, string? name = null) : OperatorAttribute<CausalConvSiLU>
{
    public int W => w;

    public Direction Direction => direction;

    public string? From => from;

    public string? Name => name;
}
