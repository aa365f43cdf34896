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
    private const int Odd = 99;

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

    /// <summary>
    /// The same with operands in either format, of rows that share a float: each is loaded and stored as what its place says, and a launch without such places
    /// runs the kernel that does not ask.
    /// </summary>
    [Theory]
    [InlineData("simulation", true, true)]
    [InlineData("pocl", true, true)]
    [InlineData("pocl", true, false)]
    [InlineData("pocl", false, true)]
    [InlineData("pocl", false, false)]
    [InlineData("ptx", true, true)]
    [InlineData("ptx", true, false)]
    [InlineData("ptx", false, true)]
    public void A_norm_takes_operands_of_both_formats(string kind, bool isRoundedX, bool isRoundedY)
    {
        using var open = GpuTest.Open(kind, 1024);
        var queue = open.Queue;
        queue.Profile = new KernelProfile();
        var values = Enumerable.Range(0, 3 * Odd).Select(i => MathF.Round(MathF.Sin(i) * 64) / 64).ToArray(); // bfloat16 has them all
        var memory = new float[1024];
        memory.AsSpan().Fill(float.NaN);
        Ref x = isRoundedX ? Bfloat16Place.Of(GpuQueue.Place(0)) : GpuQueue.Place(0), y = isRoundedY ? Bfloat16Place.Of(GpuQueue.Place(400)) : GpuQueue.Place(400);
        for (var i = 0; i < values.Length; i++)
        {
            if (isRoundedX)
            {
                Halves(memory)[i] = (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
            }
            else
            {
                memory[i] = values[i];
            }
        }

        queue.Upload(memory, 0);
        GpuRows.Run(open.Worker(1), Plain, Mixed, Odd, 3, x, y, GpuQueue.Place(800));
        queue.Download(0, memory);
        for (var row = 0; row < 3; row++)
        {
            var square = values.Skip(row * Odd).Take(Odd).Sum(value => (double)value * value);
            var scale = 1 / Math.Sqrt((square / Odd) + 1e-5);
            Assert.Equal(scale, memory[800 + row], 1e-5);
            for (var c = 0; c < Odd; c++)
            {
                var at = (row * Odd) + c;
                var found = isRoundedY ? BitConverter.UInt32BitsToSingle((uint)Halves(memory)[800 + at] << 16) : memory[400 + at];
                Assert.Equal(values[at] * scale, found, isRoundedY ? 1.01 / 256 * Math.Abs(values[at] * scale) : 1e-5);
            }
        }

        var work = Assert.Single(queue.Profile.Kernels);
        Assert.Equal(isRoundedX || isRoundedY ? "GpuLaneTests.Mixed" : "GpuLaneTests.Plain", work.Name);
        Assert.Equal(3.0 * Odd * ((isRoundedX ? 2 : 4) + (isRoundedY ? 2 : 4) + 4), work.Bytes);

        static Span<ushort> Halves(float[] memory) => System.Runtime.InteropServices.MemoryMarshal.Cast<float, ushort>(memory.AsSpan());
    }

    private static void Plain(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) =>
        Lanes<GpuLane, GpuRef>(GpuRows.First(a), GpuRows.Count(a), GpuRef.At(floats, a.R0), GpuRef.At(floats, a.R1), GpuRef.At(floats, a.R2), Odd);

    private static void Mixed(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a) =>
        Lanes<GpuLane, GpuMixedRef>(GpuRows.First(a), GpuRows.Count(a), GpuMixedRef.At(floats, a.R0), GpuMixedRef.At(floats, a.R1), GpuMixedRef.At(floats, a.R2), Odd);

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
