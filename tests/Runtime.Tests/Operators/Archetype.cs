using Graph.Lanes;
using Graph.Operators;

namespace Graph.Tests.Operators;

/// <summary>Runs a pointwise or row operator as the generated kernels do, over any lane: an array is one row (or as many as the lane has elements).</summary>
internal static class Archetype
{
    public static T[] Forward<T>(object op, T[] a, T[] b)
        where T : struct, ILane<T> => op switch
        {
            IPointwise1 one => [.. a.Select(one.Forward)],
            IPointwise2 two => [.. a.Zip(b, two.Forward)],
            IRowOperator row => [.. a.Select(x => row.Apply(x, Statistic(row, a)))],
            _ => throw new ArgumentException("Neither pointwise nor row operator.", nameof(op)),
        };

    /// <summary>Gradients of a (or x) and b; the values whose letters are in <paramref name="hidden"/> are passed as NaN.</summary>
    public static (T[] A, T[] B) Backward<T>(object op, T[] a, T[] b, T[] dy, string hidden)
        where T : struct, ILane<T>
    {
        T[] y = Show(Forward(op, a, b), "y", hidden);
        switch (op)
        {
            case IPointwise1 one:
                T[] shown = Show(a, "x", hidden);
                return ([.. a.Select((_, i) => one.Backward(shown[i], y[i], dy[i]))], []);
            case IPointwise2 two:
                T[] left = Show(a, "a", hidden), right = Show(b, "b", hidden);
                (T A, T B)[] pairs = [.. a.Select((_, i) => two.Backward(left[i], right[i], y[i], dy[i]))];
                return ([.. pairs.Select(p => p.A)], [.. pairs.Select(p => p.B)]);
            case IRowOperator row:
                T[] x = Show(a, "x", hidden);
                T statistic = Statistic(row, a), sum = T.Zero;
                for (int i = 0; i < a.Length; i++)
                {
                    sum = row.AccumulateBackward(sum, x[i], y[i], dy[i]);
                }

                T c = row.FinishBackward(sum, a.Length, statistic);
                return ([.. a.Select((_, i) => row.ApplyBackward(x[i], y[i], dy[i], statistic, c))], []);
            default:
                throw new ArgumentException("Neither pointwise nor row operator.", nameof(op));
        }
    }

    private static T[] Show<T>(T[] values, string letter, string hidden)
        where T : struct, ILane<T> => hidden.Contains(letter, StringComparison.Ordinal) ? [.. values.Select(_ => T.Of(double.NaN))] : values;

    private static T Statistic<T>(IRowOperator row, T[] x)
        where T : struct, ILane<T> => row.Finish(x.Aggregate(T.Zero, row.Accumulate), x.Length);
}

/// <summary>Operands [Length, Columns] that are exact in float32, with the far ends that operators must survive in column 0.</summary>
internal sealed class Sample
{
    public const int Columns = 16;
    private const int Length = 24;
    // Not 0: softplus is pieced together there, and a dual number at a tie follows one piece only.
    private static readonly double[] Ends = [-30, -8.5, -7, 0.125, 4.5, 19];

    public Sample()
    {
        Random random = new(7);
        A = Make(8, true);
        B = Make(8, true);
        Dy = Make(1, false);

        double[] Make(double reach, bool ends)
        {
            double[] values = new double[Length * Columns];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = ends && i % Columns == 0 && i / Columns < Ends.Length ? Ends[i / Columns] : (float)(reach * (2 * random.NextDouble() - 1));
            }

            return values;
        }
    }

    public double[] A { get; }

    public double[] B { get; }

    public double[] Dy { get; }


    public double[] Column(double[] values, int column) => [.. Enumerable.Range(0, Length).Select(i => values[i * Columns + column])];

    /// <summary>Forward and gradients with <paramref name="width"/> columns a lane: y, dA, dB (empty where the operator has no b).</summary>
    public double[][] Run<T>(object op, int width, Func<double[], int, T> load, Action<T, double[], int> store)
        where T : struct, ILane<T>
    {
        double[][] results = [new double[A.Length], new double[A.Length], new double[A.Length]];
        for (int first = 0; first < Columns; first += width)
        {
            T[] a = Load(A), b = Load(B), dy = Load(Dy);
            (T[] da, T[] db) = Archetype.Backward(op, a, b, dy, "");
            Store(Archetype.Forward(op, a, b), results[0]);
            Store(da, results[1]);
            Store(db, results[2]);

            T[] Load(double[] values) => [.. Enumerable.Range(0, Length).Select(i => load(values, i * Columns + first))];

            void Store(T[] values, double[] into)
            {
                for (int i = 0; i < values.Length; i++)
                {
                    store(values[i], into, i * Columns + first);
                }
            }
        }

        return results;
    }
}
