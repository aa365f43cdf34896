using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Lanes;
using Graph.Operators;
using ILGPU;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>The device lane through the loader: what emitted row kernels rest on.</summary>
public sealed class GpuLaneTests
{
    private const int Width = 100;

    [Theory]
    [MemberData(nameof(GpuTest.Kinds), MemberType = typeof(GpuTest))]
    public void A_norm_over_a_group_equals_the_reference(string kind)
    {
        using var open = GpuTest.Open(kind, 1000);
        var queue = open.Queue;
        var x = Enumerable.Range(0, 3 * Width).Select(i => MathF.Sin(i)).ToArray();
        queue.Upload(x, 0);
        queue.Launch(Kernel, 3, 32, new GpuArguments { R0 = 0, R1 = 400, R2 = 800, I0 = Width });
        var y = new float[3 * Width];
        var s = new float[3];
        queue.Download(400, y);
        queue.Download(800, s);
        for (var row = 0; row < 3; row++)
        {
            var values = x.AsSpan(row * Width, Width);
            var square = 0.0;
            foreach (var value in values)
            {
                square += (double)value * value;
            }

            var scale = 1 / Math.Sqrt((square / Width) + 1e-5);
            Assert.Equal(scale, s[row], 1e-5);
            for (var c = 0; c < Width; c++)
            {
                Assert.Equal(values[c] * scale, y[(row * Width) + c], 1e-5);
            }
        }
    }

    private static void Kernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) =>
        Lanes<GpuLane, GpuRef>(Grid.IdxX, 1, new GpuRef(floats, a.R0), new GpuRef(floats, a.R1), new GpuRef(floats, a.R2), a.I0);

    private static void Lanes<V, R>(long row, int rows, R xAt, R yAt, R sAt, int width)
        where V : struct, IRowLane<V, R>
        where R : struct, IRef<R>
    {
        for (var i = row; i < row + rows; i++)
        {
            var xRow = xAt + (i * width);
            var yRow = yAt + (i * width);
            var sum = V.Zero;
            for (var c = V.First; c < width; c += V.Step)
            {
                sum = new RmsNorm(1e-5f).Accumulate(sum, V.Load(xRow, c));
            }

            var s = new RmsNorm(1e-5f).Finish(V.SumRow(sum), width);
            if (!sAt.IsNull)
            {
                V.StoreRow(s, sAt, i);
            }

            for (var c = V.First; c < width; c += V.Step)
            {
                V.Store(new RmsNorm(1e-5f).Apply(V.Load(xRow, c), s), yRow, c);
            }
        }
    }
}
