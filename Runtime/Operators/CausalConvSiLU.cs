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
public readonly struct CausalConvSiLU : ITileOperator
{
    private const int Columns = 64;

    [Launch(Pass.Forward, "rows", barrier: true)]
    public static void Forward(in Worker worker, long row, int rows, Ref x, int xStride, Ref weight, Ref bias, Ref y, int yStride, int t, int c, int w, int direction)
    {
        for (long r = row; r < row + rows; r++)
        {
            Ref output = y + r * yStride;
            Convolve(r, x, xStride, weight, bias, output, t, c, w, direction);
            Activate(worker, output, c);
        }
    }

    /// <summary>dconv = dy silu'(conv(x) + bias), one unit a sample; conv is recomputed. dx gathers dconv over the mirrored taps.</summary>
    [Launch(Pass.Backward, "b")]
    public static void BackwardInput(in Worker worker, long unit, Ref x, int xStride, Ref weight, Ref bias, Ref dy, Ref dx, int dxStride, Ref dconv, int t, int c, int w, int direction)
    {
        for (int i = 0; i < t; i++)
        {
            long r = unit * t + i;
            Ref gradient = dconv + r * c;
            Convolve(r, x, xStride, weight, bias, gradient, t, c, w, direction);
            ActivateBackward(worker, gradient, dy + r * c, c);
        }

        for (int i = 0; i < t; i++)
        {
            Ref target = dx + (unit * t + i) * dxStride;
            target.Span(c).Clear();
            for (int k = 0; k < w; k++)
            {
                int from = i + direction * (w - 1 - k);
                if (from >= 0 && from < t)
                {
                    Ref gradient = dconv + (unit * t + from) * c;
                    for (int j = 0; j < c; j++)
                    {
                        target[j] += weight[(long)j * w + k] * gradient[j];
                    }
                }
            }
        }
    }

    /// <summary>One unit a block of 64 channels; samples and positions are added in order.</summary>
    [Launch(Pass.Backward, "(c+63)/64", 1)]
    public static void BackwardParameters(long unit, Ref x, int xStride, Ref dconv, Ref dweight, Ref dbias, long batch, int t, int c, int w, int direction)
    {
        long first = unit * Columns;
        long end = Math.Min(first + Columns, c);
        for (long r = 0; r < batch * t; r++)
        {
            Ref gradient = dconv + r * c;
            for (long j = first; j < end; j++)
            {
                dbias[j] += gradient[j];
            }

            int i = (int)(r % t);
            for (int k = 0; k < w; k++)
            {
                int from = i - direction * (w - 1 - k);
                if (from >= 0 && from < t)
                {
                    Ref input = x + (r - i + from) * xStride;
                    for (long j = first; j < end; j++)
                    {
                        dweight[j * w + k] += gradient[j] * input[j];
                    }
                }
            }
        }
    }

    private static void Convolve(long row, Ref x, int xStride, Ref weight, Ref bias, Ref output, int t, int c, int w, int direction)
    {
        bias.Span(c).CopyTo(output.Span(c));
        int i = (int)(row % t);
        for (int k = 0; k < w; k++)
        {
            int from = i - direction * (w - 1 - k);
            if (from >= 0 && from < t)
            {
                Ref input = x + (row - i + from) * xStride;
                for (int j = 0; j < c; j++)
                {
                    output[j] += weight[(long)j * w + k] * input[j];
                }
            }
        }
    }

    private static void Activate(in Worker worker, Ref row, int c)
    {
        if (TileMath.Divides(worker, 16, c))
        {
            Activate<V512>(row, c);
        }
        else if (TileMath.Divides(worker, 8, c))
        {
            Activate<V256>(row, c);
        }
        else if (TileMath.Divides(worker, 4, c))
        {
            Activate<V128>(row, c);
        }
        else
        {
            Activate<F32>(row, c);
        }
    }

    private static void Activate<V>(Ref row, int c)
        where V : struct, ISimdLane<V>
    {
        for (int j = 0; j < c; j += V.Width)
        {
            V.Store(default(SiLU).Forward(V.Load(row, j)), row, j);
        }
    }

    private static void ActivateBackward(in Worker worker, Ref row, Ref dy, int c)
    {
        if (TileMath.Divides(worker, 16, c))
        {
            ActivateBackward<V512>(row, dy, c);
        }
        else if (TileMath.Divides(worker, 8, c))
        {
            ActivateBackward<V256>(row, dy, c);
        }
        else if (TileMath.Divides(worker, 4, c))
        {
            ActivateBackward<V128>(row, dy, c);
        }
        else
        {
            ActivateBackward<F32>(row, dy, c);
        }
    }

    private static void ActivateBackward<V>(Ref row, Ref dy, int c)
        where V : struct, ISimdLane<V>
    {
        for (int j = 0; j < c; j += V.Width)
        {
            V.Store(default(SiLU).Backward(V.Load(row, j), V.Zero, V.Load(dy, j)), row, j);
        }
    }
}

/// <summary>Places <see cref="CausalConvSiLU"/>: width <paramref name="w"/>, <paramref name="direction"/> +1 causal or -1 anti-causal.</summary>
public sealed class CausalConvSiLUAttribute(int w = 4, int direction = 1, string? from = null, string? name = null) : OperatorAttribute<CausalConvSiLU>
{
    public int W => w;

    public int Direction => direction;

    public string? From => from;

    public string? Name => name;
}
